"""Words that no dictionary has get sounds that the acoustic model has, with or without synthesizers."""

import os
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from duplex_frontend.cascade import pronounce as module
from duplex_frontend.cascade import pronounce_en as english
from duplex_frontend.cascade.pronounce import by_letters, from_ipa, is_pronunciation, pronounce


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    pronounce.cache_clear()


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for stand-ins of the synthesizers, which alone is searched for programs."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def install(folder: Path, name: str, script: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_the_tables_speak_of_phones_that_the_model_has() -> None:
    tables = [*english.FLITE.values(), *english.IPA.values(), *english.LETTERS.values()]
    tables += [variant for variants in english.ALSO.values() for variant in variants]
    assert all(is_pronunciation(sounds) for sounds in tables if sounds)
    assert len(english.PHONES) == 39


@pytest.mark.parametrize(
    ("word", "sounds"),
    [
        ("levothyroxine", "L EH V AH TH IH R AA K S AY N"),
        ("szczepanski", "SH IH P AE N S K IY"),
        ("o'brien", "OW B R AY AH N"),
    ],
)
def test_a_synthesizer_knows_words_that_a_dictionary_lacks(word: str, sounds: str) -> None:
    assert pronounce(word) == sounds


def test_accents_do_not_matter() -> None:
    assert pronounce("garcía") == pronounce("garcia") != ""


def test_espeak_is_asked_where_flite_is_missing(programs: Path) -> None:
    install(programs, "espeak-ng", "echo ' lˈɪsɪnˌɑːpɹəl'")
    assert pronounce("lisinopril") == "L IH S IH N AA P R AH L"


def test_espeak_is_asked_where_flite_speaks_another_language(programs: Path) -> None:
    install(programs, "flite", "echo pau l ih1 s pau")
    install(programs, "espeak-ng", "echo 'lˈɪs'")
    assert pronounce("lis") == "L IH S"


def test_letters_are_enough_where_no_synthesizer_is(programs: Path) -> None:
    assert pronounce("thorne") == "TH AO R N"


def test_a_synthesizer_that_fails_is_none(programs: Path) -> None:
    install(programs, "flite", "exit 1")
    install(programs, "espeak-ng", "printf '\\377\\376'")
    assert pronounce("kate") == "K EY T"


def test_a_synthesizer_that_hangs_is_not_waited_for(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PROGRAM_WITHIN_S", 0.2)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}/bin")
    install(programs, "flite", "exec sleep 20")
    install(programs, "espeak-ng", "exec sleep 20")
    begun_s = time.monotonic()
    assert pronounce("kate") == "K EY T"
    assert time.monotonic() - begun_s < 5


def test_a_word_is_worked_out_once(programs: Path) -> None:
    install(programs, "flite", f"echo x >> {programs}/asked; echo pau k ey t pau")
    assert [pronounce("kate") for _ in range(3)] == ["K EY T"] * 3
    assert (programs / "asked").read_text() == "x\n"


@pytest.mark.parametrize("word", ["", "'", "42", "北京", "?!", "a" * 1000])
def test_what_is_no_word_has_no_sounds(word: str) -> None:
    assert pronounce(word) == ""


@pytest.mark.parametrize(
    ("word", "sounds"),
    [("kate", "K EY T"), ("knight", "N AY T"), ("mckee", "M AH K IY"), ("smith", "S M IH TH"), ("e", "EH")],
)
def test_letters_have_their_usual_sounds(word: str, sounds: str) -> None:
    assert by_letters(word) == sounds


@given(st.text("abcdefghijklmnopqrstuvwxyzéñç'-", min_size=1, max_size=30).filter(lambda w: w.strip("'-")))
@example("e")
@example("aee")
def test_whatever_is_written_in_letters_can_be_said(word: str) -> None:
    assert is_pronunciation(by_letters(word))


@given(st.text(max_size=20))
def test_whatever_espeak_writes_comes_out_as_phones(ipa: str) -> None:
    sounds = from_ipa(ipa)
    assert not sounds or is_pronunciation(sounds)


def test_an_invented_phone_is_no_pronunciation() -> None:
    assert not is_pronunciation("K AE Q")
    assert not is_pronunciation("")
