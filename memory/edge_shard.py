"""The embedded index of a folder: opened, created, begun with a copy of another, or brought up to date."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path
from typing import Any

import qdrant_edge as engine

from memory.edge_folder import Built, Folder, bytes_under
from memory.edge_points import FILED_BY, SEEN_BY, config, filed
from memory.errors import MemoryFailure
from memory.points import built_otherwise

_BATCH = 256


def open_shard(
    path: Path | None, meant: tuple[str, str, int], begin_with: Path | None
) -> tuple[Folder, engine.EdgeShard]:
    """The folder, held, and its index. `meant`: the language, the embedder's name and its dimensions.

    Raises:
        MemoryFailure, StoreFull: see `EdgeKnowledge.open`.
    """
    wanted = Built(*meant)
    folder = Folder.private_one() if path is None else Folder.kept(path)
    try:
        folder.see_to_room(0)
        if path is None and begin_with is not None and begin_with.is_dir():
            _begin(folder, begin_with, wanted)
        return folder, _shard(folder, wanted, begin_with or folder.path)
    except BaseException:
        folder.leave()
        raise


def _begin(folder: Folder, kept: Path, wanted: Built) -> None:
    """With a copy of a kept index, while nobody writes to that."""
    theirs = Folder.kept(kept)
    try:
        with _told(kept):
            _bring_up_to_date(theirs, wanted)
        folder.copy_from(theirs)
    finally:
        theirs.leave()


def _shard(folder: Folder, wanted: Built, named: Path) -> engine.EdgeShard:
    """The index that is in the folder, or a new one. What is there of one that was never finished goes."""
    with _told(folder.path):
        _bring_up_to_date(folder, wanted)
        built = folder.built_for()
        if built is not None:
            _see_that_it_fits(named, built, wanted)
            return engine.EdgeShard.load(str(folder.shard))
        folder.clear()
        shard = _new(folder, wanted)
    folder.built(wanted)
    return shard


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except MemoryFailure:
        raise
    except BaseException as trouble:  # a panic of the engine is no Exception
        raise MemoryFailure(
            f"{path}: the index cannot be opened ({trouble}); delete the folder, or choose another"
        ) from trouble


def _see_that_it_fits(path: Path, built: Built, wanted: Built) -> None:
    again = "choose another folder, or delete this one: it is built again from the pages"
    if why := built_otherwise(str(path), astuple(built), astuple(wanted), again):
        raise MemoryFailure(why)


def _new(folder: Folder, wanted: Built) -> engine.EdgeShard:
    shard = engine.EdgeShard.create(str(folder.shard), config(wanted.dim, private=folder.private))
    for key in FILED_BY:
        shard.update(engine.UpdateOperation.create_field_index(key, engine.PayloadSchemaType.Keyword))
    shard.update(engine.UpdateOperation.create_field_index(SEEN_BY, engine.PayloadSchemaType.Uuid))
    if not folder.private:
        shard.flush()
    return shard


def _bring_up_to_date(folder: Folder, wanted: Built) -> None:
    """Write an index of a format before anew, once, with all that is in it. Cut off, it begins again."""
    older = folder.built_before()
    if older is None:
        return
    built, there = older
    _see_that_it_fits(folder.path, built, wanted)
    folder.see_to_room(bytes_under(there))
    shutil.rmtree(folder.shard, ignore_errors=True)
    before = engine.EdgeShard.load(str(there))
    try:
        shard = _new(folder, built)
        try:
            _copy_points(before, shard)
            shard.flush()
        finally:
            shard.close()
    finally:
        before.close()
    folder.built(built)


def _copy_points(before: engine.EdgeShard, shard: engine.EdgeShard) -> None:
    offset: Any = None
    while True:
        everything = engine.ScrollRequest(offset=offset, limit=_BATCH, with_payload=True, with_vector=True)
        records, offset = before.scroll(everything)
        if points := [filed(record.vector or {}, record.payload or {}) for record in records]:
            shard.update(engine.UpdateOperation.upsert_points(points))
        if offset is None:
            return
