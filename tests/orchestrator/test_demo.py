"""The demo's wiring, with a caller that types: server, caller's process, files, check, and how it ends early."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import soundfile
from rich.console import Console

from orchestrator.callers.facts import Facts
from orchestrator.callfile import CallFile, read_call
from orchestrator.checking import check
from orchestrator.demo import Wanted, run_demo
from orchestrator.errors import CallerFailed, CannotWrite
from orchestrator.sections import DataSettings
from orchestrator.settings import Settings
from reasoner.state import Outcome
from tests.orchestrator.made_call import made_call

CALLER = "tests.orchestrator.typing_caller"
MARIA = Facts(
    "maria",
    "gomez",
    date(1980, 3, 13),
    "5552138841",
    "back pain",
    ("peanuts", "penicillin"),
    ("lisinopril", "metformin"),
    "Blue Cross",
)


def demo(folder: Path, seed: int, *, again: bool = False) -> tuple[int, str, str]:
    """Exit code, what was printed, and what was told of errors."""
    out, errors = io.StringIO(), io.StringIO()
    settings = Settings(data=DataSettings(folder=folder / "data"))
    wanted = Wanted(seed, folder / "out", live=False, caller=CALLER, again=again)
    code = asyncio.run(run_demo(settings, wanted, Console(file=out), Console(file=errors)))
    return code, out.getvalue(), errors.getvalue()


def test_a_call_that_was_completed_leaves_its_files_and_exits_with_0(tmp_path: Path) -> None:
    code, printed, errors = demo(tmp_path, seed=0)
    out = tmp_path / "out"
    call = read_call(out / "call.json")
    assert (code, errors) == (0, "")
    assert call.outcome is Outcome.COMPLETE
    assert call.figures.simulation
    assert "check against the caller's own facts: 8 of 8 right" in printed
    assert (out / "timeline.png").read_bytes().startswith(b"\x89PNG")
    assert call.audio is not None
    sound, rate_hz = soundfile.read(out / call.audio.file)
    assert (sound.shape[1], rate_hz) == (2, 16000)
    assert all(one["right"] for one in json.loads((out / "check.json").read_text()))
    assert [path.name for path in (tmp_path / "data" / "calls").iterdir()] == [f"{call.call}.wav"]


def asked(call: CallFile) -> str:
    return " ".join(whisper.reply for whisper in call.whispers)


def test_who_rings_again_is_known_and_not_asked_again(tmp_path: Path) -> None:
    code, printed, errors = demo(tmp_path, seed=0, again=True)
    assert (code, errors) == (0, "")
    assert "not asked again: name, date of birth, phone number" in printed
    first, second = (
        read_call(tmp_path / "out" / "first" / "call.json"),
        read_call(tmp_path / "out" / "call.json"),
    )
    assert "first and last name" in asked(first)
    for question in ("first and last name", "date of birth?", "phone number can we"):
        assert question not in asked(second)
    assert second.outcome is Outcome.COMPLETE


def test_who_is_to_be_new_is_forgotten_first(tmp_path: Path) -> None:
    demo(tmp_path, seed=0)
    code, printed, _ = demo(tmp_path, seed=0)
    assert code == 0
    assert "first and last name" in asked(read_call(tmp_path / "out" / "call.json"))
    code, printed, _ = demo(tmp_path, seed=0, again=True)
    assert (code, "First the call" in printed) == (0, False), "now there was a call to be remembered"


def test_a_wrong_value_makes_the_demo_fail_and_is_named(tmp_path: Path) -> None:
    code, printed, _ = demo(tmp_path, seed=1)
    assert code == 1
    assert "wrong: phone number: 5552138842, the caller's is 5552138841" in printed


def test_a_caller_that_cannot_ring_is_told_with_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(BaseExceptionGroup) as raised:
        demo(tmp_path, seed=2)
    (failed,) = _leaves(raised.value)
    assert isinstance(failed, CallerFailed)
    assert "I have no coin for the telephone" in str(failed)


def test_a_folder_that_cannot_be_written_is_told_before_anybody_rings() -> None:
    with pytest.raises(CannotWrite):
        demo(Path("/proc"), seed=0)


def test_ctrl_c_ends_the_call_saves_it_and_exits_with_130(tmp_path: Path) -> None:
    """As a terminal sends it: to the whole process group."""
    script = (
        "import sys; from tests.orchestrator.test_demo import demo; from pathlib import Path\n"
        f"code, printed, errors = demo(Path({str(tmp_path)!r}), seed=3)\n"
        "print(printed); print(errors, file=sys.stderr); sys.exit(code)"
    )
    command = [sys.executable, "-c", script]
    running = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    recording = tmp_path / "data" / "calls"
    until = time.monotonic() + 60
    while time.monotonic() < until and not (recording.exists() and any(recording.iterdir())):
        time.sleep(0.1)
    time.sleep(1.0)
    os.killpg(running.pid, signal.SIGINT)
    printed, errors = running.communicate(timeout=60)
    assert running.returncode == 130, errors
    assert "Traceback" not in errors
    assert "interrupted; the call was ended and saved" in errors
    assert "outcome: hung up" in printed
    assert read_call(tmp_path / "out" / "call.json").outcome is Outcome.HUNG_UP


# --- the check ---------------------------------------------------------------------------------------------


def made() -> CallFile:
    moments, state = made_call()
    return CallFile.from_moments(moments, state, started_at=datetime(2026, 11, 23, tzinfo=UTC))


def test_values_that_mean_the_same_are_right() -> None:
    checks = check(made(), MARIA)
    assert [one.slot for one in checks] == list(made().slots)
    assert all(one.right for one in checks)


@pytest.mark.parametrize(
    ("slot", "facts"),
    [
        ("name", {"last_name": "gomes"}),
        ("date_of_birth", {"born": date(1980, 3, 30)}),
        ("phone", {"phone": "5552138842"}),
        ("allergies", {"allergies": ("penicillin",)}),
        ("medicines", {"medicines": ()}),
        ("consent", {"consent": False}),
    ],
)
def test_a_value_that_is_another_is_wrong(slot: str, facts: dict[str, object]) -> None:
    wrong = [one.slot for one in check(made(), replace(MARIA, **facts)) if not one.right]  # type: ignore[arg-type]
    assert wrong == [slot]


def test_an_empty_slot_is_wrong() -> None:
    moments, state = made_call()
    empty = CallFile.from_moments(
        moments, replace(state, slots={}), started_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    assert not any(one.right for one in check(empty, MARIA))


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found
