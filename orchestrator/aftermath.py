"""What is left of a call when it is over: `call.json`, `call.wav`, `timeline.png`, and a summary on the terminal."""

from __future__ import annotations

import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from duplex_frontend.types import Party
from orchestrator.callfile import CallFile, cannot_write, write_call, write_whole
from orchestrator.callparts import AudioPart
from orchestrator.errors import CannotWrite
from orchestrator.session import Session
from orchestrator.summary import summarise
from orchestrator.timeline import draw_timeline

CALL, SOUND, PICTURE = "call.json", "call.wav", "timeline.png"


def open_folder(out: Path) -> None:
    """See to it that files can be written there, before a call is made.

    Raises:
        CannotWrite: no room, no right, or it is a file.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out) as probe:
            probe.write(b"\0" * 4096)
    except OSError as refused:
        raise cannot_write(out, refused) from refused


def written_down(session: Session, *, simulated: str = "") -> CallFile:
    """A call as its file. `simulated`: what the caller was, where it was no person."""
    audio = AudioPart(file=SOUND, rate_hz=session.rate_hz, channels=(Party.CALLER.value, Party.AGENT.value))
    return session.written_down(simulated=simulated, audio=audio if session.recording is not None else None)


def leave(call: CallFile, out: Path, sound: Path, console: Console) -> tuple[CannotWrite, ...]:
    """Write a call's files into `out` and print its summary. `sound`: the recording, where one was made.

    Where `call.json` cannot be written, its content is printed instead: nothing established is lost.

    Returns:
        what could not be written; the rest was.
    """
    files, refused = list[Path](), list[CannotWrite]()
    try:
        write_call(call, out / CALL)
        files.append(out / CALL)
    except CannotWrite as error:
        refused.append(error)
        console.print(Text(call.dump().decode()), soft_wrap=True)
    if call.audio is not None:
        try:
            _copy(sound, out / call.audio.file)
            files.append(out / call.audio.file)
        except CannotWrite as error:
            refused.append(error)
    try:
        draw_timeline(call, out / PICTURE)
        files.append(out / PICTURE)
    except CannotWrite as error:
        refused.append(error)
    summarise(call, console, files)
    return tuple(refused)


def _copy(sound: Path, path: Path) -> None:
    try:
        data = sound.read_bytes()
    except OSError as refused:
        raise CannotWrite(f"{path}: the recording {sound} cannot be read ({refused.strerror})") from refused
    write_whole(data, path)
