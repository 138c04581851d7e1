"""Which voices there are, and the choice of one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from duplex_frontend.cascade.voices import (
    Engine,
    Library,
    NoSuchVoice,
    VoiceChoice,
    VoiceInfo,
    choose_voice,
    describe,
    find_voices,
)
from duplex_frontend.errors import NoVoice

FLITE = VoiceInfo(Engine.FLITE, Library.SYSTEM, ("slt", "rms", "awb", "kal16", "kal"))
ESPEAK = VoiceInfo(Engine.ESPEAK, Library.SYSTEM, ("de", "en", "en-gb", "en-us", "fr-fr"), ("f2", "f3", "m7"))
FROM_PIP = VoiceInfo(Engine.ESPEAK, Library.PIP, ESPEAK.names, ESPEAK.variants)
BOTH = (FLITE, ESPEAK, FROM_PIP)


@pytest.mark.parametrize(
    ("name", "language", "chosen"),
    [
        ("", "en-US", "flite:slt"),
        ("", "de-DE", "espeak:de"),
        ("", "fr", "espeak:fr-fr"),
        ("flite", "en-US", "flite:slt"),
        ("flite:rms", "en-US", "flite:rms"),
        ("espeak", "en-GB", "espeak:en-gb"),
        ("espeak", "en-AU", "espeak:en"),
        ("espeak:en-us", "de-DE", "espeak:en-us"),
        ("espeak:en-gb+f3", "en-US", "espeak:en-gb+f3"),
    ],
)
def test_a_name_stands_for_a_voice_and_what_it_leaves_open_goes_by_the_language(
    name: str, language: str, chosen: str
) -> None:
    choice = choose_voice(name, language=language, found=BOTH)
    assert (str(choice), choice.library) == (chosen, Library.SYSTEM)


def test_without_debians_packages_the_one_from_pip_is_taken() -> None:
    assert choose_voice("", found=(FROM_PIP,)) == VoiceChoice(Engine.ESPEAK, Library.PIP, "en-us")


def test_speed_and_pitch_go_with_the_choice_and_have_bounds() -> None:
    choice = choose_voice("flite:rms", rate=1.3, pitch=0.8, found=BOTH)
    assert (choice.rate, choice.pitch) == (1.3, 0.8)
    with pytest.raises(ValueError, match="rate"):
        choose_voice("flite:rms", rate=9.0, found=BOTH)


def test_a_machine_without_a_voice_is_told_what_to_install() -> None:
    with pytest.raises(NoVoice) as raised:
        choose_voice("", found=())
    assert "apt-get install flite" in str(raised.value)
    assert "pip install 'souffleur[espeak]'" in str(raised.value)
    assert "apt-get install flite" in describe(())


@pytest.mark.parametrize(
    ("name", "found", "says"),
    [
        ("flite:slt", (ESPEAK,), "apt-get install flite"),
        ("espeak:en-us", (FLITE,), r"souffleur\[espeak\]"),
        ("flite:bob", BOTH, "flite has no 'bob'; it has slt, rms"),
        ("espeak:en-uk", BOTH, "espeak has no 'en-uk'; it has de, en, en-gb"),
        ("espeak:en-us+f9", BOTH, "espeak has no 'f9'; it has f2, f3"),
        ("festival:x", BOTH, "the engines are 'flite' and 'espeak'"),
        ("slt", BOTH, "as in 'flite:slt'"),
    ],
)
def test_a_name_that_stands_for_nothing_is_an_error_that_says_what_there_is(
    name: str, found: tuple[VoiceInfo, ...], says: str
) -> None:
    with pytest.raises(NoSuchVoice, match=says):
        choose_voice(name, found=found)


def test_a_language_that_nothing_speaks_is_said_to_be_missing() -> None:
    with pytest.raises(NoSuchVoice, match="no voice for the language 'de-DE'"):
        choose_voice("", language="de-DE", found=(FLITE,))


def test_what_is_found_here_really_speaks() -> None:
    found = find_voices()
    assert found, "no synthesizer is installed; `make test` installs one"
    for info in found:
        assert info.names
        if info.engine is Engine.ESPEAK:
            assert {"en-us", "en-gb", "de"} <= set(info.names) and {"f3", "m7"} <= set(info.variants)


def test_looking_for_voices_loads_none_of_their_libraries_here() -> None:
    find_voices()
    maps = Path("/proc/self/maps").read_text()
    assert "espeak" not in maps and "flite" not in maps


def test_a_deep_folder_does_not_hide_the_voice_from_pip(tmp_path: Path) -> None:
    """espeak-ng keeps the path of its data in 160 characters, and a virtual environment may lie deeper."""
    espeakng_loader = pytest.importorskip("espeakng_loader")
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    (deep / "espeakng_loader").symlink_to(Path(espeakng_loader.__file__).parent)
    command = [sys.executable, "-m", "duplex_frontend.cascade.voice_child"]
    answer = subprocess.run(
        [*command, "--engine", "espeak", "--library", "pip", "--list"],
        env={**os.environ, "PYTHONPATH": str(deep)},
        stdout=subprocess.PIPE,
        check=True,
    )
    assert "en-us" in json.loads(answer.stdout)["names"]
