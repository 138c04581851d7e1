"""`call.json`: the whole story of one call, as files and stores keep it. Documented in docs/call-json.md.

It holds what the caller said, personal details too: it is written for its owner's eyes only.
"""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, Field, ValidationError

from orchestrator.callparts import (
    AudioPart,
    ChangePart,
    DisclosurePart,
    FiguresPart,
    FindingPart,
    FloorPart,
    LookupPart,
    Part,
    ReceiptPart,
    SaidPart,
    SlotPart,
    TroublePart,
    TurnPart,
    WhisperPart,
)
from orchestrator.errors import BadCallFile, CannotWrite
from orchestrator.recording import CallOpened, Moment
from orchestrator.retelling import (
    changes_of,
    figures_of,
    floor_of,
    lookups_of,
    slots_of,
    transcript_of,
    troubles_of,
    turns_of,
    whispers_of,
)
from orchestrator.retelling_steering import disclosures_of, findings_of, receipts_of, steering_of
from reasoner.state import GoalState, Outcome

VERSION: Literal[1] = 1


class CallFile(Part):
    """One call.

    Attributes:
        outcome: None where the call was still going on when this was written.
        changes: every change of a slot, in order; `slots` is what they came to.
        recall: every look-up of knowledge, used or not.
        redacted: what was taken out of it since; see `orchestrator.redaction`.
    """

    version: Literal[1]
    call: str
    flow: str
    flow_hash: str
    title: str
    agent: str
    started_at: AwareDatetime
    duration_s: float
    outcome: Outcome | None
    slots: dict[str, SlotPart]
    changes: tuple[ChangePart, ...]
    transcript: tuple[SaidPart, ...]
    turns: tuple[TurnPart, ...]
    recall: tuple[LookupPart, ...]
    whispers: tuple[WhisperPart, ...]
    receipts: tuple[ReceiptPart, ...] = ()
    disclosures: dict[str, DisclosurePart] = Field(default_factory=dict)
    findings: tuple[FindingPart, ...] = ()
    floor: tuple[FloorPart, ...]
    troubles: tuple[TroublePart, ...]
    figures: FiguresPart
    audio: AudioPart | None
    redacted: tuple[str, ...] = ()

    @classmethod
    def from_moments(
        cls,
        moments: Iterable[Moment],
        state: GoalState,
        *,
        started_at: datetime,
        late_blocks: int | None = None,
        simulated: str = "",
        audio: AudioPart | None = None,
    ) -> CallFile:
        """Write a call down from what happened in it and the state that it came to.

        Args:
            moments: in order, from the first; words that later ones replaced may be left out.
            state: the newest; its slots carry the evidence.
            started_at: with a time zone.
            late_blocks: 20 ms blocks made more than 20 ms late, None where nobody counted.
            simulated: what the caller was, where it was no person.
            audio: the recording beside the file.

        Raises:
            ValueError: the first moment is not that of a call being opened.
        """
        told = tuple(moments)
        opened = told[0] if told else None
        if not isinstance(opened, CallOpened):
            raise ValueError("the moments of a call begin with CallOpened")
        turns = turns_of(told)
        return cls(
            version=VERSION,
            call=opened.call,
            flow=opened.flow,
            flow_hash=state.flow_hash,
            title=opened.title,
            agent=opened.agent,
            started_at=started_at,
            duration_s=round(max(moment.at_s for moment in told), 3),
            outcome=state.outcome,
            slots=slots_of(opened, told, state),
            changes=changes_of(told),
            transcript=transcript_of(told),
            turns=turns,
            recall=lookups_of(told),
            whispers=whispers_of(told),
            receipts=receipts_of(told),
            disclosures=disclosures_of(state),
            findings=findings_of(told),
            floor=floor_of(told),
            troubles=troubles_of(told),
            figures=figures_of(told, turns, late_blocks, simulated, steering_of(told, turns)),
            audio=audio,
        )

    def dump(self) -> bytes:
        """The file's bytes: JSON, indented, UTF-8."""
        return self.model_dump_json(indent=2).encode() + b"\n"


def load_call(data: bytes, name: str = "the call") -> CallFile:
    """Read a call from the bytes of its file, or of a store's record.

    Raises:
        BadCallFile: not JSON, of another version, or not in the documented shape.
    """
    try:
        return CallFile.model_validate_json(data)
    except ValidationError as refused:
        first = refused.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        if first["loc"] == ("version",) and first["type"] != "missing":
            raise BadCallFile(
                f"{name}: its version is {first['input']!r} and this program reads version {VERSION}; "
                "use a newer souffleur"
            ) from refused
        raise BadCallFile(
            f"{name}: this is no call.json: {where}: {first['msg']}; see docs/call-json.md"
        ) from refused


def read_call(path: Path) -> CallFile:
    """Read `call.json`.

    Raises:
        BadCallFile: it cannot be read, or `load_call` refuses it.
    """
    try:
        data = path.read_bytes()
    except OSError as refused:
        raise BadCallFile(f"{path}: {refused.strerror or refused}") from refused
    return load_call(data, str(path))


def write_call(call: CallFile, path: Path) -> None:
    """Write `call.json` whole or not at all; only its owner can read it.

    Raises:
        CannotWrite: no room, no right; what stood there before is untouched.
    """
    write_whole(call.dump(), path)


def write_whole(data: bytes, path: Path) -> None:
    """Write beside `path`, then put in its place. The folder is made where it is missing.

    Raises:
        CannotWrite: no room, no right.
    """
    beside: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            beside = Path(file.name)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as refused:
        if beside is not None:
            beside.unlink(missing_ok=True)
        raise cannot_write(path, refused) from refused


def cannot_write(path: Path, refused: OSError) -> CannotWrite:
    """What to tell about a file that could not be written."""
    if refused.errno in (errno.ENOSPC, errno.EDQUOT):
        return CannotWrite(f"{path}: there is no room left on the disk; free some or choose another folder")
    return CannotWrite(f"{path}: cannot be written ({refused.strerror or refused}); choose another folder")
