"""Roles on their way to the engine: kept back in mid sentence, and each with its receipts."""

from __future__ import annotations

from duplex_frontend.engine import wire
from duplex_frontend.engine.whispers import LONGEST_SENTENCE_S, Whispers
from duplex_frontend.types import Fate, Prompt


def role(revision: int, **more: object) -> Prompt:
    return Prompt(revision, f"You work for {revision}.", **more)  # type: ignore[arg-type]


def receipt(revision: int, outcome: wire.Outcome, frame: int | None = None) -> wire.Receipt:
    return wire.Receipt(call=0, revision=revision, outcome=outcome, frame=frame)


def fates(whispers: Whispers) -> list[tuple[int, Fate]]:
    return [(one.revision, one.fate) for one in whispers.told()]


def test_nothing_is_sent_in_the_middle_of_a_sentence_unless_the_prompt_says_so() -> None:
    whispers = Whispers(reads_roles=True)
    assert whispers.give(role(1), 1.0)
    assert whispers.due(1.1, speaking=True) is None
    assert whispers.due(1.2, speaking=False) == role(1)
    assert whispers.due(1.3, speaking=False) is None, "once"
    whispers.give(role(2, mid_sentence=True), 2.0)
    assert whispers.due(2.1, speaking=True) is not None


def test_who_speaks_on_and_on_is_in_no_sentence() -> None:
    whispers = Whispers(reads_roles=True)
    whispers.give(role(1), 1.0)
    assert whispers.due(0.9 + LONGEST_SENTENCE_S, speaking=True) is None
    assert whispers.due(1.1 + LONGEST_SENTENCE_S, speaking=True) is not None


def test_each_whisper_is_told_of_from_beginning_to_end() -> None:
    whispers = Whispers(reads_roles=True)
    whispers.give(role(1), 0.0)
    whispers.give(role(2), 0.1)
    assert fates(whispers) == [(1, Fate.PREPARED), (1, Fate.SUPERSEDED), (2, Fate.PREPARED)]
    whispers.due(0.2, speaking=False)
    whispers.settled(receipt(2, wire.Outcome.LANDED, frame=50), 4.3)
    (landed,) = whispers.told()
    assert (landed.fate, landed.frame, landed.at_s) == (Fate.APPLIED, 50, 4.0)
    assert whispers.in_force == 2
    assert not whispers.give(role(2), 5.0) and not whispers.give(role(3, expires_s=4.9), 5.0)
    assert fates(whispers) == [(2, Fate.SUPERSEDED), (3, Fate.EXPIRED)]


def test_one_that_failed_may_be_given_again() -> None:
    whispers = Whispers(reads_roles=True)
    whispers.give(role(1), 0.0)
    whispers.due(0.0, speaking=False)
    whispers.settled(receipt(1, wire.Outcome.REFUSED), 0.1)
    assert fates(whispers)[-1] == (1, Fate.FAILED)
    assert whispers.give(role(1), 0.2) and whispers.due(0.2, speaking=False) == role(1)


def test_one_that_waited_too_long_is_not_sent() -> None:
    whispers = Whispers(reads_roles=True)
    whispers.give(role(1, expires_s=1.0), 0.0)
    assert whispers.due(2.0, speaking=False) is None
    assert fates(whispers) == [(1, Fate.PREPARED), (1, Fate.EXPIRED)]


def test_where_no_role_is_read_the_words_are_the_whole_of_it() -> None:
    whispers = Whispers(reads_roles=False)
    assert whispers.give(role(1), 0.0) and whispers.due(0.0, speaking=False) is None
    assert fates(whispers) == [(1, Fate.APPLIED)]
