"""Grammars reach the decoder whatever their words are; what does not is said, and nothing is raised."""

from collections.abc import Iterator

import pytest
from pocketsphinx import Decoder, set_loglevel

from duplex_frontend.cascade import ear_grammars
from duplex_frontend.cascade.ear_grammars import Grammars, words_of
from duplex_frontend.cascade.ear_listener import Listener
from duplex_frontend.cascade.ear_wire import EarKind, Phrases
from tests.duplex_frontend.speech import pieces, utterance

DRUGS = """#JSGF V1.0 UTF-8 en;
/* what a patient
   may take */
grammar drugs;
<drug> = codeine | penicillin {drug} | qwertozine; // the last is invented
public <said> = /0.9/ [i take] <drug> [and <drug>] | /0.1/ (nothing | none)*;
"""


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    set_loglevel("FATAL")
    return Decoder(lm=None)


@pytest.fixture
def grammars(decoder: Decoder) -> Iterator[Grammars]:
    grammars = Grammars(decoder)
    yield grammars


def prepare(grammars: Grammars, name: str, body: str, sounds: dict[str, str] | None = None) -> list[str]:
    text = f"#JSGF V1.0;\ngrammar {name};\npublic <said> = {body};\n"
    return list(grammars.prepare(Phrases(name, text, sounds or {})))


def test_words_are_found_among_all_else_that_a_grammar_holds() -> None:
    expected = {"codeine", "penicillin", "qwertozine", "i", "take", "and", "nothing", "none"}
    assert words_of(DRUGS) == expected


def test_unknown_words_are_learned_before_the_grammar_is_compiled(
    decoder: Decoder, grammars: Grammars
) -> None:
    assert list(grammars.prepare(Phrases("drugs", DRUGS))) == []
    assert decoder.lookup_word("qwertozine")
    assert grammars.activate("drugs")


def test_a_pronunciation_that_is_given_is_the_one_that_counts(decoder: Decoder, grammars: Grammars) -> None:
    assert prepare(grammars, "given", "zopiclone", {"zopiclone": "Z OW P IH K L OW N"}) == []
    assert decoder.lookup_word("zopiclone") == "Z OW P IH K L OW N"


def test_a_word_of_the_dictionary_gets_the_given_pronunciation_as_well(
    decoder: Decoder, grammars: Grammars
) -> None:
    usual = decoder.lookup_word("tomato")
    assert prepare(grammars, "also", "tomato", {"tomato": "T AH M AA T OW T"}) == []
    assert prepare(grammars, "again", "tomato | oh", {"tomato": "T AH M AA T OW T"}) == []
    variants = [decoder.lookup_word(f"tomato({n})") for n in range(2, 6)]
    assert decoder.lookup_word("tomato") == usual
    assert variants.count("T AH M AA T OW T") == 1


def test_a_pronunciation_in_no_known_phones_is_reported_and_worked_out_instead(
    decoder: Decoder, grammars: Grammars
) -> None:
    (complaint,) = prepare(grammars, "odd", "fexofenadine", {"fexofenadine": "F EX O"})
    assert "fexofenadine" in complaint and "F EX O" in complaint
    assert (decoder.lookup_word("fexofenadine") or "").startswith("F")
    assert grammars.activate("odd")


def test_a_word_that_nobody_can_say_is_reported_and_leaves_the_grammar_out(grammars: Grammars) -> None:
    complaints = prepare(grammars, "unsayable", "yes | 北京")
    assert any("北京" in why and "ARPAbet" in why for why in complaints)
    assert any("unsayable" in why for why in complaints)
    assert not grammars.activate("unsayable")


@pytest.mark.parametrize("body", ["yes |", "(yes", "yes [no", "|"])
def test_a_grammar_with_a_mistake_is_reported_once_and_left_out(grammars: Grammars, body: str) -> None:
    name = f"mistake{abs(hash(body))}"
    assert prepare(grammars, name, body)
    assert prepare(grammars, name, body) == []
    assert not grammars.activate(name)


def test_a_name_that_was_never_prepared_is_no_grammar(grammars: Grammars) -> None:
    assert not grammars.activate("never")
    assert not grammars.activate("")


def test_the_grammar_that_was_longest_unused_goes_first(
    grammars: Grammars, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ear_grammars, "MOST_KEPT", 2)
    prepare(grammars, "one", "yes")
    prepare(grammars, "two", "no")
    grammars.activate("one")
    prepare(grammars, "three", "maybe")
    assert [grammars.activate(name) for name in ("one", "two", "three")] == [True, False, True]
    assert prepare(grammars, "two", "no") == []
    assert grammars.activate("two")


@pytest.mark.parametrize("sounds", ["[m hh m]", "[ax m hh ax m]", "[ax hh ax]"])
def test_signs_of_listening_are_heard_for_what_they_are(sounds: str) -> None:
    listener = Listener(EarKind.GRAMMAR)
    text = "#JSGF V1.0;\ngrammar b;\npublic <said> = yes | no | mm-hm | uh-huh | okay | right | i see;\n"
    assert list(listener.expect(Phrases("b", text))) == []
    listener.begin()
    for piece in pieces(utterance(sounds)):
        listener.feed(piece)
    assert listener.end().text in ("mm-hm", "uh-huh")
