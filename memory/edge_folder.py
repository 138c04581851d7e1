"""The folder of an embedded index: who may use it, whether there is room, and what dead processes have left."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from memory.errors import MemoryFailure, StoreFull

SPARE_BYTES = 64 * 2**20
"""Stays free on the disk. The engine writes through memory maps: on a full disk that is a SIGBUS, which ends the whole
process and cannot be caught, so it must never come to that."""

_LOCK = "in-use"
_BUILT = "built.json"
_FORMAT, _SHARD = 4, "passages"
_BEFORE = {2: "shard", 3: "index"}
"""Where the engine kept its files in each of the formats before."""
_PRIVATE = "souffleur-knowledge-"


@dataclass(frozen=True, slots=True)
class Built:
    """What an index was built for. `embedder`: the model's name, "" for words alone; `dim`: of its vectors."""

    language: str
    embedder: str = ""
    dim: int = 0


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that this process alone uses, until `leave`. The lock goes with the process, however it ends."""

    path: Path
    lock: int
    private: bool

    @classmethod
    def private_one(cls) -> Self:
        """A new folder of our own among the temporary files; `leave` takes it away.

        Those that killed processes have left there are taken away as well.

        Raises:
            MemoryFailure: it cannot be created.
            StoreFull: there is no room.
        """
        above = Path(tempfile.gettempdir())
        with _told(above):
            _sweep(above)
            path = Path(tempfile.mkdtemp(prefix=_PRIVATE, dir=above))
            # Locked before it gets the name by which a sweep finds it.
            lock = os.open(path / "new", os.O_CREAT | os.O_RDWR, 0o600)
            fcntl.flock(lock, fcntl.LOCK_EX)
            (path / "new").rename(path / _LOCK)
        return cls(path, lock, private=True)

    @classmethod
    def kept(cls, path: Path) -> Self:
        """A folder that stays, created where it is missing.

        Raises:
            MemoryFailure: another process uses it, or it cannot be written.
            StoreFull: there is no room.
        """
        with _told(path):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(path / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
            if not _locked(lock):
                holder = os.pread(lock, 20, 0).decode("ascii", "replace") or "just starting"
                os.close(lock)
                raise MemoryFailure(
                    f"{path}: another process ({holder}) uses this index; end it, choose another folder,"
                    " or let each process build an index of its own by giving no folder"
                )
            os.ftruncate(lock, 0)
            os.pwrite(lock, f"pid {os.getpid()}".encode(), 0)
        return cls(path, lock, private=False)

    @property
    def shard(self) -> Path:
        """Where the engine keeps its files."""
        return self.path / _SHARD

    def built_for(self) -> Built | None:
        """What the index that is here was built for; None where there is none, or not a whole one, or an old one."""
        return self._built_in(_FORMAT)

    def built_before(self) -> tuple[Built, Path] | None:
        """The same of an index of a format before, and where its files are."""
        for version, shard in _BEFORE.items():
            if (built := self._built_in(version)) is not None:
                return built, self.path / shard
        return None

    def copy_from(self, theirs: Folder) -> None:
        """Take over a kept index whole, while its folder is held. Raises StoreFull."""
        if (built := theirs.built_for()) is not None:
            self.see_to_room(bytes_under(theirs.shard))
            shutil.copytree(theirs.shard, self.shard)
            self.built(built)

    def clear(self) -> None:
        """Take away what is left of an index."""
        (self.path / _BUILT).unlink(missing_ok=True)
        shutil.rmtree(self.shard, ignore_errors=True)

    def built(self, built: Built) -> None:
        """There is a whole index here now, and none of a format before."""
        new = self.path / f"{_BUILT}.new"
        with _told(self.path):
            with new.open("w") as file:
                json.dump({"format": _FORMAT, **asdict(built)}, file)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.path / _BUILT)
        for shard in _BEFORE.values():
            shutil.rmtree(self.path / shard, ignore_errors=True)

    def see_to_room(self, needed: int) -> None:
        """Raises StoreFull where writing so many bytes would leave less than `SPARE_BYTES` on the disk."""
        free = shutil.disk_usage(self.path).free
        if free - needed < SPARE_BYTES:
            raise _full(self.path, f"{free >> 20} MiB free, {(needed + SPARE_BYTES) >> 20} MiB wanted")

    def leave(self) -> None:
        """Let others have the folder; a private one is taken away. Call it once."""
        if self.private:
            shutil.rmtree(self.path, ignore_errors=True)
        os.close(self.lock)

    def _built_in(self, wanted: int) -> Built | None:
        try:
            built = json.loads((self.path / _BUILT).read_text())
            if built.pop("format") == wanted:
                return Built(**built)
        except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):
            pass
        return None


def bytes_under(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*"))


def _sweep(above: Path) -> None:
    """Remove the private folders whose process is gone: nobody holds their lock."""
    for path in above.glob(f"{_PRIVATE}*/{_LOCK}"):
        try:
            if path.parent.lstat().st_uid != os.getuid() or path.parent.is_symlink():
                continue
            lock = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
        except OSError:  # another sweep was quicker
            continue
        try:
            if _locked(lock):
                shutil.rmtree(path.parent, ignore_errors=True)
        finally:
            os.close(lock)


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _told(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as trouble:
        if trouble.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _full(place, str(trouble.strerror)) from trouble
        raise MemoryFailure(
            f"{place}: no index can be kept there ({trouble.strerror}); see to its permissions or choose another place"
        ) from trouble


def _full(place: Path, facts: str) -> StoreFull:
    return StoreFull(f"{place}: no room for an index ({facts}); free some, or choose another place (TMPDIR)")
