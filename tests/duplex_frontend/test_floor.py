"""Who holds the floor, block by block in virtual time."""

from duplex_frontend.floor import FloorTracker
from duplex_frontend.types import FloorChanged, FloorReason, Party

BLOCK_S = 0.02


def played(pattern: str) -> list[FloorChanged]:
    """One letter a block: c caller, a agent, b both, . nobody."""
    floor, changes = FloorTracker(pause_s=0.2), []
    for n, who in enumerate(pattern):
        changes += floor.feed(n * BLOCK_S, caller=who in "cb", agent=who in "ab")
    return changes


def told(changes: list[FloorChanged]) -> list[tuple[str | None, str]]:
    return [(c.holder.value if c.holder else None, c.reason.value) for c in changes]


def test_turns_alternate_with_a_free_floor_between() -> None:
    assert told(played("aaaa" + "." * 12 + "cccc")) == [
        ("agent", "turn"),
        (None, "pause"),
        ("caller", "turn"),
    ]


def test_a_gap_shorter_than_a_pause_keeps_the_floor() -> None:
    assert told(played("cccc" + "." * 9 + "cccc")) == [("caller", "turn")]


def test_speech_over_the_holder_is_an_overlap_told_once() -> None:
    assert told(played("aaaabbbbaaaa")) == [("agent", "turn"), ("agent", "overlap")]


def test_a_holder_that_falls_silent_under_the_other_was_interrupted() -> None:
    assert told(played("aaaabbcccc"))[-1] == ("caller", "interruption")


def test_the_floor_passes_without_overlap_as_a_turn() -> None:
    assert told(played("aaaacccc")) == [("agent", "turn"), ("caller", "turn")]


def test_a_backchannel_leaves_the_floor_where_it_was() -> None:
    floor = FloorTracker()
    floor.feed(0.0, caller=False, agent=True)
    floor.feed(0.02, caller=True, agent=False)  # the voice was held: it looks like a turn
    (change,) = floor.backchannel(Party.CALLER, 0.4)
    assert change == FloorChanged(Party.AGENT, FloorReason.BACKCHANNEL, Party.CALLER, 0.4)
    assert floor.holder is Party.AGENT


def test_times_are_those_of_the_audio() -> None:
    changes = played(".." + "c" * 5 + "." * 12)
    assert [round(c.at_s, 2) for c in changes] == [0.04, 0.32]
