"""Whatever happens around it, a call says what it would have said alone."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

pytest.importorskip("moshi", reason="the engine's tests run in .venv-engine (tools/setup.sh engine)")

import torch
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from duplex_frontend.engine.batch import Said
from duplex_frontend.engine.errors import PromptTooLong, UnknownSeat
from duplex_frontend.engine.prompt import Prompt, SpokenVoice, initial_column, plan
from duplex_frontend.engine.prompter import Change, Outcome, open_stage
from duplex_frontend.engine.rows import Seat
from duplex_frontend.engine.sampling import GREEDY, Sampling
from duplex_frontend.engine.tokens import FRAME_SAMPLES
from duplex_frontend.errors import NoSeat
from tests.engine.alone import Alone, model, noise

ROWS, WINDOW, ROOM, LOG = 3, 160, 12, 40
SOUNDS = st.sampled_from(["noise", "silence", "nan", "inf", "scream", "denormal"])
ROLES = st.integers(0, 60).map(lambda n: tuple(4 + (7 * i + n) % 50 for i in range(n)))
SEATS = st.integers(0, ROWS - 1)
KINDS = st.lists(SOUNDS, min_size=ROWS, max_size=ROWS)


def sound(kind: str, seed: int = 0) -> np.ndarray:
    made: np.ndarray = {
        "noise": noise(seed, 1)[0],
        "silence": np.zeros(FRAME_SAMPLES, np.float32),
        "nan": np.full(FRAME_SAMPLES, np.nan, np.float32),
        "inf": np.full(FRAME_SAMPLES, [np.inf, -np.inf][seed % 2], np.float32),
        "scream": np.full(FRAME_SAMPLES, 1e30, np.float32),
        "denormal": np.full(FRAME_SAMPLES, 1e-42, np.float32),
    }[kind]
    return made


def voice(seed: int) -> SpokenVoice:
    return SpokenVoice(
        f"v{seed}", torch.randint(0, 2048, (6, 8), generator=torch.Generator().manual_seed(seed))
    )


VOICES = [None, voice(1), voice(2)]


class Storm(RuleBasedStateMachine):
    """One call is watched. The others come and go as they like."""

    @initialize(role=ROLES, with_voice=st.sampled_from(VOICES))
    def begin(self, role: tuple[int, ...], with_voice: SpokenVoice | None) -> None:
        self.batch, self.prompter = open_stage(
            model(), ROWS, window=WINDOW, room=ROOM, history=20, budget=9, chunks=(4, 8), log_frames=LOG
        )
        self.prompt = Prompt(with_voice, role)
        self.watched = self.prompter.seat(GREEDY, self.prompt)
        self.heard: list[np.ndarray] = []
        self.said: list[Said] = []
        self.others: list[Seat] = []
        self.left: list[Seat] = []
        self.asked: Counter[tuple[Seat, int]] = Counter()
        self.answered: Counter[tuple[Seat, int]] = Counter()
        self.revision, self.now_s = 0, 0.0

    @rule(role=ROLES, with_voice=st.sampled_from(VOICES), seed=st.integers(0, 9))
    def somebody_rings(self, role: tuple[int, ...], with_voice: SpokenVoice | None, seed: int) -> None:
        if len(self.others) == ROWS - 1:
            with pytest.raises(NoSeat):
                self.prompter.seat(GREEDY, Prompt(with_voice, role))
            return
        seat = self.prompter.seat(Sampling(seed=seed), Prompt(with_voice, role))
        assert seat not in (*self.others, *self.left, self.watched)
        self.others.append(seat)

    @rule(storm=st.integers(1, 8), role=ROLES)
    def some_ring_and_hang_up_at_once(self, storm: int, role: tuple[int, ...]) -> None:
        for _ in range(storm if len(self.others) < ROWS - 1 else 0):
            seat = self.prompter.seat(GREEDY, Prompt(None, role))
            self.prompter.change(Change(seat, Prompt(None, (5,)), 1))
            self.asked[seat, 1] += 1
            self.batch.leave(seat)
            self.left.append(seat)

    @precondition(lambda self: self.others)
    @rule(which=SEATS)
    def somebody_hangs_up(self, which: int) -> None:
        seat = self.others.pop(which % len(self.others))
        self.batch.leave(seat)
        self.left.append(seat)

    @precondition(lambda self: self.others)
    @rule(which=SEATS, role=ROLES, with_voice=st.sampled_from(VOICES), late=st.booleans())
    def somebody_gets_a_new_prompt(
        self, which: int, role: tuple[int, ...], with_voice: SpokenVoice | None, late: bool
    ) -> None:
        seat = self.others[which % len(self.others)]
        self.revision += 1
        deadline = self.now_s + 1 if late else None
        self.prompter.change(Change(seat, Prompt(with_voice, role or (5,)), self.revision, deadline))
        self.asked[seat, self.revision] += 1

    @rule(extra=st.integers(0, 300), kind=st.sampled_from(["size", "type", "stranger"]), joins=st.booleans())
    def something_wrong_is_asked(self, extra: int, kind: str, joins: bool) -> None:
        """It is refused, and nobody has moved."""
        with pytest.raises(PromptTooLong):
            self.prompter.seat(GREEDY, Prompt(None, (5,) * (WINDOW + extra)))
        bad = {self.watched: np.zeros(FRAME_SAMPLES + 1 + extra, np.float32)}
        if kind == "type":
            bad = {self.watched: np.zeros(FRAME_SAMPLES, np.float64)}
        if kind == "stranger":
            bad = {Seat(0, 10_000 + extra): sound("noise")}
        frames = {self.watched: sound("noise"), **bad} if joins else bad
        with pytest.raises((ValueError, UnknownSeat)):
            self.batch.tick(frames)
        for seat in self.left[-3:]:
            with pytest.raises(UnknownSeat):
                self.batch.leave(seat)

    @rule(kinds=KINDS, silent=st.sets(SEATS, max_size=2), pumps=st.integers(0, 2))
    def time_passes(self, kinds: list[str], silent: set[int], pumps: int) -> None:
        self.pass_time(6, kinds, silent, pumps)

    @rule(kinds=KINDS, gaps=st.lists(st.sets(SEATS), min_size=4, max_size=12))
    def frames_are_missing(self, kinds: list[str], gaps: list[set[int]]) -> None:
        for silent in gaps:
            self.pass_time(1, kinds, silent, 1)

    def pass_time(self, ticks: int, kinds: list[str], silent: set[int], pumps: int) -> None:
        for _ in range(ticks):
            frames = {seat: sound(kinds[i], i) for i, seat in enumerate(self.others, 1) if i not in silent}
            # Within its window the watched call is never renewed, so that it has to equal itself alone.
            row = self.batch.rows.at(self.watched)
            if 0 not in silent and row.position < WINDOW - ROOM:
                heard = frames[self.watched] = sound(kinds[0], len(self.heard))
                self.heard += [heard] if row.joined else []
            for seat, said in self.batch.tick(frames).items():
                assert np.isfinite(said.sound).all() and np.abs(said.sound).max() < 1e6
                assert said.frame.min() >= 0
                if seat == self.watched:
                    self.said.append(said)
            for _ in range(pumps):
                self.pump()
            self.now_s += 0.08

    def pump(self) -> None:
        for receipt in self.prompter.pump(self.now_s):
            self.answered[receipt.seat, receipt.revision] += 1
            if receipt.outcome is Outcome.GONE:
                assert receipt.seat in self.left
        for row in self.batch.rows.all():
            assert len(row.log.since(row.log.oldest)) <= LOG

    def teardown(self) -> None:
        if not hasattr(self, "batch"):
            return
        self.now_s += 60
        for _ in range(200):
            self.pump()
            if self.prompter.idle:
                break
            self.batch.tick(
                {seat: sound("silence") for seat in self.others}
            )  # a call's first frames come first
        assert self.prompter.idle
        self.pump()
        first = {(seat, 0): 1 for seat in (self.watched, *self.others, *self.left)}
        assert all(count == 1 for count in self.answered.values())
        assert self.asked.keys() <= self.answered.keys() <= self.asked.keys() | first.keys()
        self.watched_equals_itself_alone()

    def watched_equals_itself_alone(self) -> None:
        one = model()
        initial = initial_column(one.card, one.text_card)
        alone = Alone(WINDOW, None if self.prompt.empty else plan(self.prompt, initial))
        assert len(self.said) == len(self.heard)
        for i, (said, heard) in enumerate(zip(self.said, self.heard, strict=True)):
            clean = np.nan_to_num(heard, nan=0.0, posinf=0.0, neginf=0.0).clip(-4, 4)
            with torch.no_grad():
                codes = alone.mimi.encode(torch.from_numpy(clean).view(1, 1, -1))[0, :8, 0]
            np.testing.assert_array_equal(said.frame[9:], codes, err_msg=f"heard in frame {i}")
            tokens = alone.read(said.frame[9:])
            if i or not self.prompt.empty:  # a call without a prompt says nothing in its first frame
                np.testing.assert_array_equal(said.frame[:9], tokens, err_msg=f"frame {i}")


TestStorm = Storm.TestCase
TestStorm.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None, phases=[Phase.reuse, Phase.generate]
)


def test_minutes_of_silence_change_nothing_and_cost_nothing() -> None:
    batch, prompter = open_stage(model(), 2, window=100, room=20, history=30, log_frames=50)
    prompt = Prompt(voice(1), (5, 6, 7))
    seat = prompter.seat(GREEDY, prompt)
    silence = sound("silence")
    for _ in range(3 * 750):  # 3 minutes
        prompter.pump(0.0)
        for said in batch.tick({seat: silence}).values():
            assert np.isfinite(said.sound).all()
    row = batch.rows.at(seat)
    assert row.position < 100 and row.log.count > 2200 and row.prompt == prompt
    assert len(row.log.since(row.log.oldest)) == 50
