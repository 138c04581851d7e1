"""Calls through the command line: real audio, real processes, real signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

RATE_HZ = 16_000
FLOW = """
flow: door
version: 1
about: Two questions
agent: {name: Ann, company: The Door, business: doorkeeper, voice: "flite:slt"}
lines: {greeting: Hello., goodbye: Goodbye.}
slots:
  day:
    type: choice
    label: day
    ask: Which day?
    values: {monday: [], friday: []}
  sure:
    type: yes_no
    label: consent
    ask: May we call you?
    yes: we may call you
    no: we may not call you
    confirm: together
ask: [day, sure]
"""
ANSWERS = ((4.0, "monday"), (5.0, "yes"), (5.0, "yes"), (5.0, "yes"), (5.0, "yes"))
"""Seconds of waiting, and what is said then. Long enough for the agent to finish each time."""


def say(text: str, path: Path) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    subprocess.run(["flite", "-voice", "rms", "-t", text, "-o", str(path)], check=True)
    audio, rate_hz = soundfile.read(path, dtype="float32")
    assert rate_hz == RATE_HZ
    return audio


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("caller")
    parts = [
        np.concatenate([np.zeros(int(wait * RATE_HZ), np.float32), say(text, folder / "one.wav")])
        for wait, text in ANSWERS
    ]
    path = folder / "caller.wav"
    soundfile.write(path, np.concatenate(parts), RATE_HZ)
    return path


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    path = tmp_path / "door.yaml"
    path.write_text(FLOW)
    return path


def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "SOUFFLEUR_DATA__FOLDER": str(tmp_path / "data"), "COLUMNS": "160"}


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "orchestrator.cli", *(str(a) for a in arguments)]


def souffleur(tmp_path: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        capture_output=True,
        text=True,
        timeout=120,
        env=environment(tmp_path),
        check=False,
    )


def call(tmp_path: Path, flow: Path, audio: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return souffleur(tmp_path, "call", flow, "--audio", audio, "--out", tmp_path / "out", "--no-live", *more)


def left(tmp_path: Path) -> dict[str, dict[str, dict[str, object]]]:
    made: dict[str, dict[str, dict[str, object]]] = json.loads((tmp_path / "out" / "call.json").read_text())
    return made


def assert_all_established(tmp_path: Path) -> None:
    made = left(tmp_path)
    assert made["outcome"] == "complete"
    assert {name: slot["value"] for name, slot in made["slots"].items()} == {"day": "monday", "sure": True}
    assert all(slot["confirmed"] for slot in made["slots"].values())


def test_a_recording_makes_a_whole_call_and_leaves_its_files(
    tmp_path: Path, flow: Path, caller: Path
) -> None:
    done = call(tmp_path, flow, caller)
    assert done.returncode == 0, done.stderr
    assert_all_established(tmp_path)
    sound, rate_hz = soundfile.read(tmp_path / "out" / "call.wav", always_2d=True)
    assert rate_hz == RATE_HZ and sound.shape[1] == 2 and np.abs(sound).max(axis=0).min() > 0.05
    assert (tmp_path / "out" / "timeline.png").stat().st_size > 10_000
    listed = souffleur(tmp_path, "sessions", "list")
    shown = souffleur(tmp_path, "sessions", "show", str(left(tmp_path)["call"]))
    assert "door" in listed.stdout and "complete" in listed.stdout
    assert "monday" in shown.stdout, shown.stderr


def test_a_telephone_recording_is_heard_as_well(tmp_path: Path, flow: Path, caller: Path) -> None:
    audio, _ = soundfile.read(caller, dtype="float32")
    telephone = tmp_path / "telephone.wav"
    soundfile.write(telephone, audio[::2], 8_000, format="WAV", subtype="ULAW")
    assert call(tmp_path, flow, telephone).returncode == 0
    assert left(tmp_path)["slots"]["day"]["value"] == "monday"


def test_stereo_and_odd_rates_are_no_trouble(tmp_path: Path, flow: Path, caller: Path) -> None:
    audio, _ = soundfile.read(caller, dtype="float32")
    at = np.arange(0, len(audio) - 1, RATE_HZ / 11_025)
    slow = np.interp(at, np.arange(len(audio)), audio)
    odd = tmp_path / "odd.wav"
    soundfile.write(odd, np.stack([slow, np.zeros_like(slow)], axis=1), 11_025)
    assert call(tmp_path, flow, odd).returncode == 0
    assert left(tmp_path)["slots"]["day"]["value"] == "monday"


def test_a_recording_that_ends_early_leaves_what_it_established(
    tmp_path: Path, flow: Path, caller: Path
) -> None:
    cut = tmp_path / "cut.wav"
    cut.write_bytes(caller.read_bytes()[: 12 * RATE_HZ * 2])
    done = call(tmp_path, flow, cut)
    assert "Traceback" not in done.stderr and "cut off" in done.stdout + done.stderr
    made = left(tmp_path)
    assert made["outcome"] == "hung_up" and made["slots"]["day"]["value"] == "monday"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.wav", b"", "empty.wav"),
        ("text.wav", b"this is no recording at all", "text.wav"),
        ("missing.wav", None, "missing.wav"),
    ],
)
def test_a_recording_that_cannot_be_used_is_said_to_be_one(
    tmp_path: Path, flow: Path, name: str, content: bytes | None, says: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = call(tmp_path, flow, tmp_path / name)
    assert done.returncode == 2
    assert says in done.stderr and "Traceback" not in done.stderr


def test_a_flow_with_mistakes_is_refused_with_place_and_cure(
    tmp_path: Path, flow: Path, caller: Path
) -> None:
    flow.write_text(
        FLOW.replace("ask: [day, sure]", "ask: [dya, sure]").replace("label: consent", "lable: consent")
    )
    done = call(tmp_path, flow, caller)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "door.yaml:20" in done.stderr and "Did you mean" in done.stderr
    assert "lable" in done.stderr, "all mistakes are told at once"


def children_of(pid: int, what: str) -> list[int]:
    """The processes whose command line holds `what` among the children of `pid`."""
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(line.split()[0]) for line in listed.stdout.splitlines() if what in line]


def until(found: object, within_s: float = 30) -> object:
    """Wait until `found()` is true."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if result := found():  # type: ignore[operator]
            return result
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def start(tmp_path: Path, *arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(*arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(tmp_path),
    )


@pytest.mark.parametrize("ear", ["grammar", "open"])
def test_a_killed_recogniser_is_started_again_and_the_call_goes_on(
    tmp_path: Path, flow: Path, caller: Path, ear: str
) -> None:
    audio = ("--audio", caller, "--out", tmp_path / "out", "--no-live", "--realtime")
    process = start(tmp_path, "call", flow, *audio)
    (pid,) = until(lambda: children_of(process.pid, f"--ear {ear}"))  # type: ignore[misc]
    time.sleep(1.5)
    os.kill(pid, signal.SIGKILL)
    process.communicate(timeout=120)
    assert process.returncode == 0
    assert_all_established(tmp_path)
    assert any(
        "recovered" in str(each["what"])
        for each in json.loads((tmp_path / "out" / "call.json").read_text())["troubles"]
    )


def test_ctrl_c_saves_the_call_and_prints_what_was_established(
    tmp_path: Path, flow: Path, caller: Path
) -> None:
    process = start(
        tmp_path, "call", flow, "--audio", caller, "--out", tmp_path / "out", "--no-live", "--realtime"
    )
    until(lambda: children_of(process.pid, "ear_child"))
    time.sleep(8)
    process.send_signal(signal.SIGINT)
    said, complained = process.communicate(timeout=30)
    assert process.returncode == 130 and "Traceback" not in complained
    assert "monday" in said
    assert left(tmp_path)["slots"]["day"]["value"] == "monday"
    assert str(left(tmp_path)["call"]) in souffleur(tmp_path, "sessions", "list").stdout


def test_nothing_is_left_running(tmp_path: Path, flow: Path, caller: Path) -> None:
    process = start(
        tmp_path, "call", flow, "--audio", caller, "--out", tmp_path / "out", "--no-live", "--realtime"
    )
    children = until(lambda: children_of(process.pid, "_child"))
    process.kill()
    process.communicate(timeout=30)
    until(lambda: not any(Path(f"/proc/{pid}/stat").exists() for pid in children))  # type: ignore[attr-defined]
