"""A new prompt in a live call: as if it had begun with it, nothing lost, nobody else touched."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("moshi", reason="the engine's tests run in .venv-engine (tools/setup.sh engine)")

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from duplex_frontend.engine.batch import Batch, Said
from duplex_frontend.engine.errors import PromptTooLong, UnknownSeat
from duplex_frontend.engine.prompt import Plan, Prompt, SpokenVoice, StoredVoice, Voice, initial_column, plan
from duplex_frontend.engine.prompter import Change, Outcome, Prompter, Receipt, open_stage
from duplex_frontend.engine.rows import Seat
from duplex_frontend.engine.sampling import GREEDY, Sampling
from duplex_frontend.engine.shadow import Shadow
from duplex_frontend.engine.temporal import twin
from duplex_frontend.engine.tokens import K
from tests.engine.alone import Alone, model, noise

LOGITS_WITHIN = 1e-3  # float32, of logits about 5 wide: a chunk sums in another order than single steps


def spoken(n: int = 8, seed: int = 1) -> SpokenVoice:
    codes = torch.randint(0, 2048, (n, 8), generator=torch.Generator().manual_seed(seed))
    return SpokenVoice("spoken", codes)


def stored(n: int = 9, seed: int = 2) -> StoredVoice:
    g = torch.Generator().manual_seed(seed)
    columns = torch.randint(0, 60, (2, K), generator=g)
    return StoredVoice("stored", torch.randn(n - 1, 64, generator=g), columns[0], columns[1])


def role(n: int, seed: int = 3) -> tuple[int, ...]:
    return tuple(torch.randint(4, 60, (n,), generator=torch.Generator().manual_seed(seed)).tolist())


def laid_out(prompt: Prompt, history: np.ndarray | None = None) -> Plan:
    one = model()
    past = None if history is None else torch.from_numpy(history).long()
    return plan(prompt, initial_column(one.card, one.text_card), past)


def settle(prompter: Prompter, now_s: float = 0.0) -> list[Receipt]:
    receipts = prompter.pump(now_s)
    while not prompter.idle:
        receipts += prompter.pump(now_s)
    return receipts


def talk(batch: Batch, seat: Seat, sound: np.ndarray) -> list[Said]:
    return [batch.tick({seat: x})[seat] for x in sound]


def same(said: list[Said], one: Alone, sound: np.ndarray) -> None:
    """The caller's codes are taken as heard: Mimi's own state is that of the whole call, whatever the prompt."""
    assert len(said) == len(sound) >= 26
    for i, tick in enumerate(said):
        np.testing.assert_array_equal(tick.frame[:9], one.read(tick.frame[9:]), err_msg=f"frame {i}")


@pytest.mark.parametrize(
    ("voice", "tokens"),
    [(voice, n) for voice in (spoken(), stored()) for n in (0, 1, 13, 150, 1000)] + [(None, 1), (None, 40)],
    ids=lambda x: type(x).__name__ if not isinstance(x, int) else str(x),
)
def test_a_prompt_read_in_one_pass_begins_the_same_call_as_one_read_frame_by_frame(
    voice: Voice | None, tokens: int
) -> None:
    prompt = Prompt(voice, role(tokens))
    window = tokens + 200
    batch, prompter = open_stage(model(), 2, window=window, room=20)
    seat = prompter.seat(GREEDY, prompt)
    assert settle(prompter) == [Receipt(seat, 0, Outcome.LANDED, 0)]
    one = Alone(window, laid_out(prompt))
    assert one.logits is not None
    assert (prompter._shadow.logits() - one.logits).abs().max() < LOGITS_WITHIN
    sound = noise(4, 30)
    same(talk(batch, seat, sound), one, sound)


def test_a_voice_is_read_once_and_its_state_serves_every_role() -> None:
    for voice in (spoken(), stored()):
        batch, prompter = open_stage(model(), 3, window=200, room=20)
        first = prompter.seat(GREEDY, Prompt(voice, role(5)))
        settle(prompter)
        second = prompter.seat(GREEDY, Prompt(voice, role(9, seed=8)))
        prompter.pump(0.0)
        assert prompter.idle
        sound = noise(5, 26)
        outs = [batch.tick({first: x, second: x}) for x in sound]
        same([o[first] for o in outs], Alone(200, laid_out(Prompt(voice, role(5)))), sound)
        same([o[second] for o in outs], Alone(200, laid_out(Prompt(voice, role(9, seed=8)))), sound)


@pytest.mark.parametrize("chunks", [(1,), (3, 7), (16, 64), (500,)])
def test_chunks_of_any_size_read_the_same_also_where_the_ring_wraps(chunks: tuple[int, ...]) -> None:
    window = 40
    one = model()
    initial = initial_column(one.card, one.text_card)
    long = plan(Prompt(spoken(), role(90)), initial)
    shadow = Shadow(twin(one.lm), window, chunks)
    shadow.begin(long, None)
    while shadow.left:
        shadow.feed(11)
    alone = Alone(window, long)
    assert alone.logits is not None
    assert (shadow.logits() - alone.logits).abs().max() < LOGITS_WITHIN
    # and the ring that goes into a live row is the whole window
    batch = Batch(one, 2, window=window)
    seat = batch.seat(GREEDY, Prompt(spoken(), role(90)))
    batch.prime(seat, shadow.temporal, shadow.fed, shadow.draw(GREEDY))
    sound = noise(6, 50)
    same(talk(batch, seat, sound), alone, sound)


@pytest.mark.parametrize(("talked", "history"), [(2, 50), (20, 50), (70, 30), (150, 60), (150, 0)])
@pytest.mark.parametrize("voice", [spoken(), stored()], ids=["wav", "pt"])
def test_a_re_primed_call_goes_on_as_if_it_had_begun_with_the_new_prompt(
    voice: Voice, talked: int, history: int
) -> None:
    window = 120
    batch, prompter = open_stage(model(), 3, window=window, room=8, history=history, chunks=(8, 32))
    old, new = Prompt(voice, role(6)), Prompt(voice, role(14, seed=9))
    seat = prompter.seat(GREEDY, old)
    settle(prompter)
    sound = noise(7, talked + 40)
    said = talk(batch, seat, sound[:talked])
    assert batch.rows.at(seat).position == laid_out(old).length + talked
    prompter.change(Change(seat, new, revision=1))
    receipts: list[Receipt] = []
    at = talked
    while not receipts:
        receipts = prompter.pump(0.0)
        if not receipts:
            said += talk(batch, seat, sound[at : at + 1])  # the call goes on meanwhile
            at += 1
    assert receipts == [Receipt(seat, 1, Outcome.LANDED, at)]
    drawn = batch._column[seat.row].clone()
    start = max(0, talked - min(history, window - 8 - laid_out(new).length))
    past = np.stack([tick.frame for tick in said[start:]]) if said[start:] else None
    fresh = Alone(window, laid_out(new, past), drawn)
    more = talk(batch, seat, sound[at : at + 30])
    same(more, fresh, sound[at : at + 30])
    assert batch.rows.at(seat).log.count == at + 30  # not a frame was lost or made twice
    assert batch.rows.at(seat).prompt is new


def test_a_re_prime_changes_what_is_said_and_bystanders_are_the_same_to_the_bit() -> None:
    sound = noise(8, 60)

    def play(change: bool) -> tuple[list[Said], list[Said]]:
        batch, prompter = open_stage(model(), 2, window=150, room=10, chunks=(8,))
        a, b = (prompter.seat(Sampling(seed=i), Prompt(spoken(), role(5))) for i in (1, 2))
        settle(prompter)
        mine, theirs = [], []
        for i, x in enumerate(sound):
            if i == 20 and change:
                prompter.change(Change(a, Prompt(spoken(), role(20, seed=11)), 1))
            prompter.pump(0.0)
            out = batch.tick({a: x, b: sound[-1 - i]})
            mine.append(out[a])
            theirs.append(out[b])
        return mine, theirs

    (changed, beside), (kept, before) = play(True), play(False)
    assert any((a.frame != b.frame).any() for a, b in zip(changed, kept, strict=True))
    for x, y in zip(beside, before, strict=True):
        np.testing.assert_array_equal(x.frame, y.frame)
        np.testing.assert_array_equal(x.sound, y.sound)


def stage(chunk: int = 4, room: int = 10) -> tuple[Batch, Prompter, Seat]:
    batch, prompter = open_stage(model(), 2, window=120, room=room, chunks=(chunk,), history=30)
    seat = prompter.seat(GREEDY, Prompt(spoken(), role(5)))
    settle(prompter)
    talk(batch, seat, noise(1, 5))
    return batch, prompter, seat


def test_a_newer_prompt_supersedes_one_that_has_not_landed_and_an_older_one_comes_too_late() -> None:
    batch, prompter, seat = stage()
    prompter.change(Change(seat, Prompt(spoken(), role(7)), 2))
    assert prompter.pump(0.0) == []
    prompter.change(Change(seat, Prompt(spoken(), role(8)), 3))
    prompter.change(Change(seat, Prompt(spoken(), role(9)), 1))
    done = settle(prompter)
    assert [(r.revision, r.outcome) for r in done] == [
        (2, Outcome.SUPERSEDED),
        (1, Outcome.SUPERSEDED),
        (3, Outcome.LANDED),
    ]
    assert batch.rows.at(seat).revision == 3
    prompter.change(Change(seat, Prompt(spoken(), role(9)), 3))
    assert [r.outcome for r in prompter.pump(0.0)] == [Outcome.SUPERSEDED]


def test_a_prompt_whose_deadline_passed_or_whose_call_hung_up_does_not_land() -> None:
    batch, prompter, seat = stage()
    prompter.change(Change(seat, Prompt(spoken(), role(7)), 1, deadline_s=10.0))
    assert prompter.pump(9.9) == []
    assert prompter.pump(10.1) == [Receipt(seat, 1, Outcome.EXPIRED)]
    prompter.change(Change(seat, Prompt(spoken(), role(7)), 2))
    prompter.pump(10.2)
    batch.leave(seat)
    assert prompter.pump(10.3) == [Receipt(seat, 2, Outcome.GONE)]
    assert prompter.idle
    with pytest.raises(UnknownSeat):
        prompter.change(Change(seat, Prompt(spoken(), role(7)), 3))


def test_a_call_that_hangs_up_before_its_prompt_was_read_leaves_its_row_to_the_next() -> None:
    batch, prompter, _ = stage()
    gone = prompter.seat(GREEDY, Prompt(spoken(), role(40)))
    prompter.pump(0.0)
    batch.leave(gone)
    following = prompter.seat(GREEDY, Prompt(spoken(), role(3)))
    assert following.row == gone.row
    outcomes = {r.seat: r.outcome for r in settle(prompter)}
    assert outcomes == {gone: Outcome.GONE, following: Outcome.LANDED}
    sound = noise(9, 26)
    same(talk(batch, following, sound), Alone(120, laid_out(Prompt(spoken(), role(3)))), sound)


def test_a_change_asked_for_before_the_first_prompt_is_in_lands_after_it() -> None:
    _, prompter = open_stage(model(), 1, window=120, room=10, chunks=(4,))
    seat = prompter.seat(GREEDY, Prompt(spoken(), role(5)))
    prompter.change(Change(seat, Prompt(spoken(), role(6)), 1))
    assert [(r.revision, r.outcome) for r in settle(prompter)] == [(0, Outcome.LANDED), (1, Outcome.LANDED)]


def test_a_prompt_that_leaves_no_room_for_the_call_is_refused_with_its_size() -> None:
    batch, prompter, seat = stage()
    with pytest.raises(PromptTooLong, match="121 frames"):
        prompter.change(Change(seat, Prompt(spoken(), role(101)), 1))
    with pytest.raises(PromptTooLong):
        prompter.seat(GREEDY, Prompt(spoken(), role(101)))
    assert len(batch.rows.all()) == 1


def test_the_prompt_of_a_call_that_lasts_for_hours_never_falls_out_of_the_window() -> None:
    batch, prompter, seat = stage(chunk=8, room=30)
    length = laid_out(Prompt(spoken(), role(5))).length
    positions = []
    other = prompter.seat(GREEDY, Prompt(stored(), role(5)))
    prompter.pump(0.0)
    settle(prompter)
    for x in noise(2, 350):
        batch.tick({seat: x, other: x})
        assert prompter.pump(0.0) == []  # nobody asked, so nobody is told
        positions.append(batch.rows.at(seat).position)
        assert max(positions[-1], batch.rows.at(other).position) <= 120
    renewals = [i for i in range(1, 350) if positions[i] < positions[i - 1]]
    assert len(renewals) > 4
    assert min(positions[i] for i in renewals) >= length + 30
    assert batch.rows.at(seat).log.count == 355


def test_moshi_without_a_prompt_takes_one_in_mid_call() -> None:
    batch, prompter = open_stage(model(), 1, window=120, room=10)
    seat = prompter.seat(GREEDY, Prompt())
    prompter.change(Change(seat, Prompt(None, role(6)), 1))
    assert prompter.pump(0.0) == []  # nothing has been drawn yet that could be carried over
    sound = noise(3, 40)
    said = talk(batch, seat, sound[:2])
    assert prompter.pump(0.0) == [Receipt(seat, 1, Outcome.LANDED, 2)]
    fresh = Alone(
        120, laid_out(Prompt(None, role(6)), np.stack([s.frame for s in said])), batch._column[0].clone()
    )
    same(talk(batch, seat, sound[2:32]), fresh, sound[2:32])


@settings(max_examples=10, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 20), st.booleans()), min_size=1, max_size=4),
    st.sampled_from([(4,), (4, 16), (64,)]),
)
def test_after_any_run_of_changes_and_gaps_the_call_equals_a_fresh_one(
    changes: list[tuple[int, int, bool]], chunks: tuple[int, ...]
) -> None:
    batch, prompter = open_stage(model(), 2, window=100, room=10, history=25, chunks=chunks)
    prompt = Prompt(spoken(), role(4))
    seat = prompter.seat(GREEDY, prompt)
    other = prompter.seat(GREEDY, Prompt(stored(), role(4)))
    settle(prompter)
    sound = iter(noise(5, 400))
    said: list[Said] = []
    landed: list[Receipt] = []
    for revision, (wait, tokens, gap) in enumerate(changes, start=1):
        for i in range(wait):
            frames = {other: next(sound)} if gap and i % 3 == 0 else {seat: next(sound), other: next(sound)}
            out = batch.tick(frames)
            said += [out[seat]] if seat in out else []
            landed += prompter.pump(0.0)
        prompt = Prompt(spoken(), role(tokens, seed=revision))
        prompter.change(Change(seat, prompt, revision))
    landed += settle(prompter)
    assert landed[-1].revision == len(changes) and landed[-1].outcome is Outcome.LANDED
    assert batch.rows.at(seat).log.count == len(said)
    row = batch.rows.at(seat)
    past = (
        np.stack([s.frame for s in said[len(said) - (row.position - laid_out(prompt).length) :]])
        if said
        else None
    )
    past = past if past is not None and row.position > laid_out(prompt).length else None
    fresh = Alone(100, laid_out(prompt, past), batch._column[seat.row].clone())
    rest = np.stack([next(sound) for _ in range(26)])
    same(talk(batch, seat, rest), fresh, rest)
