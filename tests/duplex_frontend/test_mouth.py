"""What goes out, block by block."""

import itertools

import numpy as np

from duplex_frontend.cascade.mouth import Clause, Mouth
from duplex_frontend.types import AgentStarted, AgentStopped, AgentWords, Block

RATE_HZ, BLOCK = 16_000, 320


def clause(text: str, seconds: float, interruptible: bool = True) -> Clause:
    made = Clause(text, interruptible)
    made.add(np.full(int(seconds * RATE_HZ), 0.5, np.float32))
    made.complete = True
    return made


def speaking(*clauses: Clause, revision: int = 1) -> Mouth:
    mouth = Mouth(RATE_HZ, fade_ms=15)
    mouth.begin(revision)
    for c in clauses:
        mouth.add(c)
    mouth.finish(revision)
    return mouth


def play(mouth: Mouth, blocks: int, first: int = 0) -> tuple[Block, list[object]]:
    audio, events = [], list[object]()
    for n in range(first, first + blocks):
        block, happened = mouth.take(BLOCK, n * 0.02)
        audio.append(block)
        events += happened
    return np.concatenate(audio), events


def test_a_reply_starts_says_its_words_in_time_and_stops() -> None:
    _, events = play(speaking(clause("good morning", 0.4), clause("sir", 0.2)), 40)
    assert isinstance(events[0], AgentStarted) and events[0].at_s == 0.0
    words = [e for e in events if isinstance(e, AgentWords)]
    assert [w.text for w in words] == ["good", "morning", "sir"]
    assert all(a.end_s <= b.start_s + 1e-9 for a, b in itertools.pairwise(words))
    assert events[-1] == AgentStopped(1, 0.6, False)


def test_every_sample_goes_out_once() -> None:
    audio, _ = play(speaking(clause("one", 0.313), clause("two", 0.111)), 40)
    assert np.count_nonzero(audio) == int(0.313 * RATE_HZ) + int(0.111 * RATE_HZ)


def test_pause_is_silent_within_a_fade_and_resume_goes_on() -> None:
    mouth = speaking(clause("a rather long sentence", 1.0))
    play(mouth, 10)
    mouth.pause()
    held, events = play(mouth, 20, 10)
    assert not held[240:].any() and events == []
    mouth.resume()
    rest, events = play(mouth, 60, 30)
    assert rest[0] == 0.5
    assert [e.interrupted for e in events if isinstance(e, AgentStopped)] == [False]


def test_a_cut_reply_tells_what_was_not_said() -> None:
    mouth = speaking(clause("one two three four", 1.0), clause("five six", 0.5))
    _, events = play(mouth, 26)
    told = events + mouth.cut(0.52)
    said = " ".join(e.text for e in told if isinstance(e, AgentWords)).split()
    stopped = told[-1]
    assert isinstance(stopped, AgentStopped) and stopped.interrupted
    assert said + stopped.unspoken.split() == "one two three four five six".split()
    assert 1 <= len(said) <= 3


def test_a_clause_that_is_still_being_made_starves_but_does_not_end_the_reply() -> None:
    mouth = Mouth(RATE_HZ, fade_ms=15)
    mouth.begin(1)
    growing = Clause("slow synthesizer", True)
    growing.add(np.full(400, 0.5, np.float32))
    mouth.add(growing)
    _, events = play(mouth, 5)
    assert mouth.starved_blocks > 0 and mouth.hungry
    assert not any(isinstance(e, AgentStopped) for e in events)


def test_words_that_could_not_be_synthesized_were_not_said() -> None:
    broken = Clause("never heard", True)
    broken.complete = True
    _, events = play(speaking(broken), 5)
    assert not any(isinstance(e, AgentWords) for e in events)


def test_a_new_reply_forgets_the_old() -> None:
    mouth = speaking(clause("old", 1.0))
    mouth.cut(0.0)
    mouth.begin(2)
    mouth.add(clause("new", 0.1))
    mouth.finish(2)
    _, events = play(mouth, 20)
    assert [e.text for e in events if isinstance(e, AgentWords)] == ["new"]


def test_a_backchannel_of_the_agent_is_heard_beside_silence() -> None:
    mouth = Mouth(RATE_HZ, fade_ms=15)
    mouth.aside(np.full(500, 0.25, np.float32))
    audio, events = play(mouth, 3)
    assert np.count_nonzero(audio) == 500 and events == []
