"""What is left of a call: its files where they can be written, its content where they cannot, its summary."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from orchestrator.aftermath import leave, open_folder
from orchestrator.callfile import CallFile, load_call
from orchestrator.callparts import AudioPart
from orchestrator.errors import CannotWrite
from orchestrator.summary import plain_summary, summarise
from tests.orchestrator.made_call import made_call


def made(audio: AudioPart | None = None) -> CallFile:
    moments, state = made_call()
    started = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    return CallFile.from_moments(
        moments, state, started_at=started, late_blocks=0, simulated="a program", audio=audio
    )


def test_the_recording_lies_beside_the_call(tmp_path: Path) -> None:
    (tmp_path / "kept.wav").write_bytes(b"sound")
    call = made(AudioPart(file="call.wav", rate_hz=16000, channels=("caller", "agent")))
    out = tmp_path / "out"
    assert leave(call, out, tmp_path / "kept.wav", Console(file=io.StringIO())) == ()
    assert {path.name for path in out.iterdir()} == {"call.json", "call.wav", "timeline.png"}
    assert (out / "call.wav").read_bytes() == b"sound"


def test_where_nothing_can_be_written_the_call_is_printed_and_nothing_is_lost() -> None:
    printed = io.StringIO()
    refused = leave(made(), Path("/proc/out"), Path("/nowhere.wav"), Console(file=printed))
    assert [str(error).split(":")[0] for error in refused] == [
        "/proc/out/call.json",
        "/proc/out/timeline.png",
    ]
    text = printed.getvalue()
    assert load_call(text[: text.index("\n}") + 2].encode()) == made()
    assert "outcome: complete" in text


def test_a_recording_that_is_gone_does_not_stop_the_rest(tmp_path: Path) -> None:
    call = made(AudioPart(file="call.wav", rate_hz=16000, channels=("caller", "agent")))
    (refused,) = leave(call, tmp_path, tmp_path / "gone.wav", Console(file=io.StringIO()))
    assert "gone.wav cannot be read" in str(refused)
    assert (tmp_path / "call.json").exists()


def test_a_folder_is_tried_before_the_call(tmp_path: Path) -> None:
    open_folder(tmp_path / "new" / "one")
    (tmp_path / "file").touch()
    for bad in (Path("/proc/out"), tmp_path / "file"):
        with pytest.raises(CannotWrite):
            open_folder(bad)


def test_a_summary_in_plain_lines_has_everything_that_is_known() -> None:
    lines = plain_summary(made(), [Path("runs/demo/call.json")])
    for line in (
        "outcome: complete",
        "allergies: penicillin, peanuts (confirmed at 2:20: “yes that's right”)",
        "length: 2:26, 13 turns",
        "answers: in 548 ms (median), 739 ms (p95)",
        "barge-ins: 1, silent after 160 ms",
        "look-ups: 2 of 2 ready before the end of the turn",
        "thought ahead: 12 of 13 turns",
        "late audio: 0 blocks of 20 ms",
        "trouble: 1:28 recogniser: The open recogniser died and was started again",
        "simulation: the caller was a program",
        "written: runs/demo/call.json",
    ):
        assert line in lines


def test_a_summary_fits_a_terminal_of_80_columns() -> None:
    out = io.StringIO()
    summarise(made(), Console(file=out, force_terminal=True, width=80, color_system=None))
    assert max(len(line) for line in out.getvalue().splitlines()) <= 80
    assert "penicillin, peanuts" in out.getvalue()
