"""Exact words and holds on a live batch: the model keeps its pace, the neighbours keep their words."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("moshi", reason="the engine's tests run in .venv-engine (tools/setup.sh engine)")

from duplex_frontend.engine.batch import Batch, Said, text_of
from duplex_frontend.engine.prompt import Prompt, wrapped
from duplex_frontend.engine.prompter import Change, open_stage
from duplex_frontend.engine.rows import Seat
from duplex_frontend.engine.sampling import GREEDY, Sampling
from duplex_frontend.engine.script import Hold, Script, words_of
from duplex_frontend.engine.tokens import EPAD, PAD
from tests.engine.alone import Alone, model, noise

TEXT = "your appointment is on Tuesday at three o'clock"


def words(batch: Batch) -> list[list[int]]:
    tokenizer = batch.model.tokenizer
    return words_of(TEXT, tokenizer.encode, tokenizer.id_to_piece)


@pytest.mark.parametrize("sampling", [GREEDY, Sampling(seed=5)], ids=["greedy", "sampled"])
def test_the_words_are_spoken_in_order_and_confirmed_with_the_frame_that_holds_them(
    sampling: Sampling,
) -> None:
    batch = Batch(model(), 3, window=100)
    seats = [batch.seat(sampling) for _ in range(3)]
    said: list[Said] = []
    script = Script(words(batch), max_pad=3)
    sound = noise(1, 150)
    for i, x in enumerate(sound):
        if i == 10:
            batch.guide(seats[1], script)
        said.append(batch.tick(dict.fromkeys(seats, x))[seats[1]])
        if script.done:
            break
    assert script.done
    spoken = [text_of(s) for s in said[11:] if text_of(s) not in (PAD, EPAD)]
    assert spoken == [t for word in words(batch) for t in word]
    assert batch.model.tokenizer.decode(spoken) == TEXT
    counted = 0
    for s in said[11:]:
        counted += text_of(s) not in (PAD, EPAD)
        for word in s.confirmed:  # its last token is in this very frame
            assert counted == sum(len(w) for w in words(batch)[: word + 1])
    assert [w for s in said for w in s.confirmed] == list(range(len(words(batch))))


def test_the_neighbours_of_a_scripted_call_say_what_they_would_have_said() -> None:
    sound = noise(2, 60)
    batch = Batch(model(), 3, window=100)
    seats = [batch.seat(GREEDY) for _ in range(3)]
    alone = [Alone(100), Alone(100)]
    for i, x in enumerate(sound):
        if i == 20:
            batch.guide(seats[1], Script(words(batch)))
        out = batch.tick(dict.fromkeys(seats, x))
        for seat, one in zip((seats[0], seats[2]), alone, strict=True):
            tokens, _ = one.hear(x)
            if i:
                np.testing.assert_array_equal(out[seat].frame[:9], tokens)


def test_a_held_call_says_no_word_for_five_frames_and_then_what_it_likes() -> None:
    sound = noise(3, 60)

    def play(hold: bool) -> list[int]:
        batch = Batch(model(), 1, window=100)
        seat = batch.seat(GREEDY)
        drawn = []
        for i, x in enumerate(sound):
            if i == 20 and hold:
                batch.guide(seat, Hold())
            drawn.append(batch.tick({seat: x})[seat].next_text)
        return drawn

    free, held = play(False), play(True)
    assert held[:20] == free[:20]
    assert any(token != PAD for token in free[20:25])
    assert held[20:25] == [PAD] * 5
    assert any(token != PAD for token in held[25:])


def test_a_script_goes_on_through_a_new_prompt_and_starts_with_a_call() -> None:
    batch, prompter = open_stage(model(), 1, window=150, room=10, chunks=(8,))
    role = wrapped("You work for the clinic", batch.model.tokenizer.encode)
    seat: Seat = prompter.seat(GREEDY, Prompt(None, role))
    script = Script(words(batch), max_pad=2)
    batch.guide(seat, script)
    while not prompter.idle:
        prompter.pump(0.0)
    spoken: list[int] = []
    for i, x in enumerate(noise(4, 120)):
        if i == 6:
            prompter.change(Change(seat, Prompt(None, (*role, *role)), 1))
        prompter.pump(0.0)
        spoken.append(text_of(batch.tick({seat: x})[seat]))
        if script.done:
            break
    assert batch.rows.at(seat).revision == 1
    assert [t for t in spoken if t not in (PAD, EPAD)] == [t for word in words(batch) for t in word]
