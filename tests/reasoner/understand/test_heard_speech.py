"""Real audio: synthesized speech, through a recogniser that was told what to expect, to a value."""

from __future__ import annotations

import functools
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from pocketsphinx import Decoder, set_loglevel

from reasoner.state import GoalState
from reasoner.types import Answer, Intent, SlotState, Understood, Waiting
from reasoner.understand import anticipate
from tests.reasoner.understand.asking import INTAKE, asked, heard, read_back, values, waiting_for

pytestmark = pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed")

DATE = read_back(date_of_birth="1980-03-03")
SPELLING = waiting_for(Waiting.SPELLING, "name", name=SlotState(denied=("Susan Cole",)))
BOTH = "it's march third nineteen eighty and my number is five five five oh one four nine eight two six"


@functools.cache
def recogniser() -> Decoder:
    set_loglevel("FATAL")
    return Decoder(lm=None, bestpath=False, fwdflat=False, wip=0.05)


def listen(state: GoalState, said: str, folder: Path, voice: str = "slt") -> Understood:
    """Speak `said`, recognise it by the grammar of `state`, and understand what was recognised."""
    wav = folder / "said.wav"
    subprocess.run(["flite", "-voice", voice, "-t", said, "-o", str(wav)], check=True)
    samples, _ = soundfile.read(wav, dtype="int16")
    assert isinstance(samples, np.ndarray)
    decoder, anticipated = recogniser(), anticipate(INTAKE, state)
    for word, sound in anticipated.sounds.items():
        if decoder.lookup_word(word) is None:
            decoder.add_word(word, sound, False)
    decoder.add_jsgf_string(anticipated.name, anticipated.grammar)
    decoder.activate_search(anticipated.name)
    decoder.start_utt()
    decoder.process_raw(samples.tobytes(), full_utt=True)
    decoder.end_utt()
    found = decoder.hyp()
    return heard(state, found.hypstr if found else "")


@pytest.mark.parametrize(
    ("state", "said", "expected"),
    [
        (asked("name"), "my name is jennifer anderson", {"name": "Jennifer Anderson"}),
        (asked("date_of_birth"), "three fourteen eighty six", {"date_of_birth": "1986-03-14"}),
        (asked("date_of_birth"), BOTH, {"date_of_birth": "1980-03-03", "phone": "5550149826"}),
        (asked("phone"), "it's four one five nine eight oh double two seven six", {"phone": "4159802276"}),
        (asked("reason"), "i'm calling about a sore throat", {"reason": "sore throat"}),
        (asked("allergies"), "codeine and latex", {"allergies": ("codeine", "latex")}),
        (asked("medicines"), "i take lisinopril and metformin", {"medicines": ("lisinopril", "metformin")}),
        (asked("insurance"), "united healthcare", {"insurance": "United Healthcare"}),
        (asked("consent"), "yes you may", {"consent": True}),
        (DATE, "no it's the fourteenth", {"date_of_birth": "1980-03-14"}),
        (SPELLING, "kilo oscar whiskey alpha lima sierra kilo india", {"name": "Susan Kowalski"}),
        (
            SPELLING,
            "b as in boy r as in robert a as in apple n as in nancy d as in david",
            {"name": "Susan Brand"},
        ),
    ],
)
@pytest.mark.parametrize("voice", ["slt", "rms"])
def test_what_is_said_becomes_a_value(
    state: GoalState, said: str, expected: dict[str, Any], voice: str, tmp_path: Path
) -> None:
    assert values(listen(state, said, tmp_path, voice)) == expected


def test_a_yes_a_command_and_a_sign_of_listening_are_told_apart(tmp_path: Path) -> None:
    assert listen(DATE, "yes that's right", tmp_path).answer is Answer.YES
    assert listen(DATE, "no", tmp_path).answer is Answer.NO
    assert listen(DATE, "okay", tmp_path).intents == {Intent.BACKCHANNEL}
    assert listen(DATE, "can i speak to a human please", tmp_path).intents == {Intent.HUMAN}
