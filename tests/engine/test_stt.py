"""Hearing the callers: every row as if it were alone on moshi's own code, and the whole path from sound to words."""

from __future__ import annotations

import dataclasses
import functools
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("moshi", reason="the engine's tests run in .venv-engine (tools/setup.sh engine)")

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from moshi.models.lm import LMGen, LMModel

from duplex_frontend.engine.batch import Batch, Said, text_of
from duplex_frontend.engine.errors import CorruptFile, MissingWeights, UnknownSeat, WrongArchitecture
from duplex_frontend.engine.fixture import write_recogniser
from duplex_frontend.engine.graphs import Graphs
from duplex_frontend.engine.recogniser import Recogniser, load_recogniser, recogniser_shape
from duplex_frontend.engine.rows import Seat
from duplex_frontend.engine.sampling import GREEDY, Sampling
from duplex_frontend.engine.stt import Listener, RestartTuning
from duplex_frontend.engine.temporal import twin
from duplex_frontend.engine.tokens import EPAD, FRAME_SAMPLES, PAD
from duplex_frontend.engine.turns import Moment, Turns
from duplex_frontend.engine.vad import EnergyVad, loudness_db
from duplex_frontend.engine.words import FRAME_S, Heard
from duplex_frontend.types import CallerPartial, CallerTurn
from tests.engine.alone import checkpoint, model, noise
from tests.engine.double_of_cuda_graph import NoWaiting, RecordedGraphs

CONTEXT = 24
NEVER = RestartTuning(quiet_s=1e9, stuck_s=1e9)


@functools.cache
def folder(*, prefix_s: float = 0.0, delay_s: float = 0.0, seed: int = 0) -> Path:
    made = Path(tempfile.mkdtemp(prefix="souffleur-recogniser-"))
    write_recogniser(made, context=CONTEXT, prefix_s=prefix_s, delay_s=delay_s, seed=seed)
    return made


def recogniser(*, prefix_s: float = 0.0, delay_s: float = 0.0) -> Recogniser:
    """The tiny one, with a streaming state of its own."""
    loaded = _loaded(prefix_s, delay_s)
    return dataclasses.replace(loaded, lm=twin(loaded.lm))


@functools.cache
def _loaded(prefix_s: float, delay_s: float) -> Recogniser:
    return load_recogniser(str(folder(prefix_s=prefix_s, delay_s=delay_s)))


class Room:
    """A batch and its listener."""

    def __init__(
        self,
        rows: int,
        *,
        restart: RestartTuning = NEVER,
        prefix_s: float = 0.0,
        delay_s: float = 0.0,
        graphs: Graphs | None = None,
    ) -> None:
        one = model()
        self.listener = Listener(
            recogniser(prefix_s=prefix_s, delay_s=delay_s),
            rows,
            twin(one.mimi),
            restart=restart,
            graphs=graphs,
        )
        self.batch = Batch(one, rows, window=32, codebooks=self.listener.codebooks)
        self.batch.listen = self.listener.hear

    def seat(self, sampling: Sampling = GREEDY) -> Seat:
        seat = self.batch.seat(sampling)
        self.listener.seat(seat)
        return seat

    def leave(self, seat: Seat) -> None:
        self.batch.leave(seat)
        self.listener.leave(seat)

    def tick(self, frames: dict[Seat, np.ndarray]) -> tuple[dict[Seat, Said], dict[Seat, Heard]]:
        said = self.batch.tick(frames)
        return said, dict(self.listener.heard())

    def hear(self, seat: Seat, sound: np.ndarray) -> list[Heard]:
        return [self.tick({seat: frame})[1][seat] for frame in sound]


class AloneHearing:
    """One call by itself on moshi's LMGen, as moshi's own inference runs a recogniser."""

    def __init__(self, *, prefix_s: float = 0.0, delay_s: float = 0.0) -> None:
        one = recogniser(prefix_s=prefix_s, delay_s=delay_s)
        self.one, self.mimi = one, model().mimi
        self.mimi.set_num_codebooks(one.codebooks)
        self.gen = LMGen(one.lm, use_sampling=False, temp_text=0.0, support_out_of_sync=True)
        self.gen.streaming_forever(1)
        self.frames = 0
        self.pieces: list[tuple[str, int]] = []
        silence = model().mimi
        silence.set_num_codebooks(one.codebooks)
        with torch.no_grad(), silence.streaming(1):
            zero = torch.zeros(1, 1, FRAME_SAMPLES)
            prefix = [silence.encode(zero) for _ in range(one.prefix_frames)]
        # The first step reads initial tokens whatever it is given.
        self.gen.step(torch.zeros(1, one.codebooks, 1, dtype=torch.long))
        for codes in prefix:
            self.gen.step(codes)
        self.mimi.streaming_forever(1)

    def hear(self, frame: np.ndarray) -> tuple[list[tuple[str, float, float]], list[float]]:
        """Words that became complete, with their times, and the pauses."""
        with torch.no_grad():
            codes = self.mimi.encode(torch.from_numpy(frame).view(1, 1, -1))
            out, heads = self.gen.step_with_extra_heads(codes)
        token = int(out[0, 0, 0])
        piece = "" if token in (PAD, EPAD) else self.one.tokenizer.id_to_piece(token)
        ended = []
        if self.pieces and (not piece or piece.startswith("▁") or len(self.pieces) == 24):
            first, last = self.pieces[0][1], self.pieces[-1][1] + 1
            text = "".join(p for p, _ in self.pieces).replace("▁", "")
            ended = [(text, first * FRAME_S, last * FRAME_S)] if text else []
            self.pieces = []
        if piece:
            self.pieces.append((piece, self.frames))
        self.frames += 1
        return ended, [float(head[0, 0, 0]) for head in heads]


def same_as_alone(heard: list[Heard], sound: np.ndarray, *, prefix_s: float = 0.0) -> int:
    """Returns how many words there were."""
    alone, count = AloneHearing(prefix_s=prefix_s), 0
    for i, one in enumerate(heard):
        words, pauses = alone.hear(sound[i])
        assert [w.text for w in one.words] == [text for text, _, _ in words], f"frame {i}"
        for mine, (_, start_s, end_s) in zip(one.words, words, strict=True):
            assert (mine.start_s, mine.end_s) == (pytest.approx(start_s), pytest.approx(end_s))
        np.testing.assert_allclose(one.pauses, pauses, atol=1e-4, err_msg=f"frame {i}")
        count += len(words)
    return count


def talk(seed: int, frames: int) -> np.ndarray:
    """Bursts of noise with silence between them, float32 [frames, 1920]."""
    sound = noise(seed, frames)
    sound[[(n + 3 * seed) % 14 >= 9 for n in range(frames)]] = 0
    return sound


def run(schedule: list[list[str]], rows: int, room: Room | None = None) -> list[tuple[int, list[Heard]]]:
    """Each tick has a letter a row: `.` gap, `f` frame, `n` a new call and a frame, `x` hang-up."""
    room = room or Room(rows)
    calls: list[tuple[int, list[Heard]]] = []
    at: dict[int, tuple[Seat, int]] = {}
    for letters in schedule:
        frames = {}
        for r, letter in enumerate(letters):
            if letter in "nx" and r in at:
                room.leave(at.pop(r)[0])
            if letter == "n" and len(at) < rows:
                at[r] = (room.seat(), len(calls))
                calls.append((len(calls), []))
            if letter in "fn" and r in at:
                seat, call = at[r]
                frames[seat] = talk(call, len(schedule))[len(calls[call][1])]
        for seat, heard in room.tick(frames)[1].items():
            next(calls[c][1] for s, c in at.values() if s == seat).append(heard)
    return calls


# --- as if alone -----------------------------------------------------------------------------------------------


def test_every_row_hears_what_it_would_hear_alone_past_the_rings_wrap() -> None:
    lines = [
        "n" + "f" * 69,
        "..n" + "ff.f" * 16,
        "n" + "f" * 20 + "x..n" + "f" * 45,
        "." * 30 + "n" + "f" * 39,
    ]
    schedule = [[line[t] if t < len(line) else "." for line in lines] for t in range(70)]
    calls = run(schedule, 4)
    assert len(calls) == 5
    assert max(len(heard) for _, heard in calls) > 2 * CONTEXT
    assert sum(same_as_alone(heard, talk(seed, 70)) for seed, heard in calls) > 20


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from("....fffffffffnx"), min_size=3, max_size=3), min_size=10, max_size=40)
)
def test_any_schedule(schedule: list[list[str]]) -> None:
    for seed, heard in run(schedule, 3):
        same_as_alone(heard, talk(seed, len(schedule)))


def test_the_silence_before_a_call_is_heard_by_every_row() -> None:
    room, sound = Room(2, prefix_s=0.2), talk(1, 30)
    room.seat()
    seat = room.seat()
    assert room.listener.recogniser.prefix_frames == 3
    same_as_alone(room.hear(seat, sound), sound, prefix_s=0.2)


def test_what_a_listener_does_leaves_the_agent_as_it_was() -> None:
    room, plain, sound = Room(2), Batch(model(), 2, window=32), talk(2, 40)
    seat, other = room.seat(), plain.seat(GREEDY)
    for frame in sound:
        with_ears, without = room.tick({seat: frame})[0][seat], plain.tick({other: frame})[other]
        np.testing.assert_array_equal(with_ears.frame, without.frame)
        np.testing.assert_array_equal(with_ears.sound, without.sound)


# --- within a tick ---------------------------------------------------------------------------------------------


def test_a_step_can_be_a_graph_and_keeps_its_buffers() -> None:
    schedule = [["n", "."], *[["f", "f"]] * 5, ["f", "n"], *[["f", "f"]] * 20, ["x", "f"], ["n", "f"]] + [
        ["f", "."]
    ] * 20
    captured = RecordedGraphs()
    room = Room(2, graphs=Graphs(captured))
    before = [buffer.data_ptr() for buffer in room.listener.buffers]
    calls = run(schedule, 2, room)
    assert [buffer.data_ptr() for buffer in room.listener.buffers] == before
    assert captured.replays > 40
    for seed, heard in calls:
        same_as_alone(heard, talk(seed, len(schedule)))


def test_a_step_makes_the_host_wait_for_nothing() -> None:
    room = Room(2)
    room.seat()
    moving = torch.tensor([True, False])
    with torch.no_grad(), NoWaiting():
        room.listener.hear(room.batch.codes, moving)


def test_a_tick_in_which_nobody_moves_tells_nothing_twice() -> None:
    room = Room(2)
    seat = room.seat()
    assert room.tick({seat: noise(1, 1)[0]})[1].keys() == {seat}
    assert room.tick({})[1] == {}


def test_a_row_that_nobody_listens_to_stands_still() -> None:
    room, sound = Room(2), talk(4, 60)
    deaf = room.batch.seat(GREEDY)  # never given to the listener
    seat = room.seat()
    heard = [room.tick({deaf: frame, seat: frame})[1] for frame in sound]
    assert all(one.keys() == {seat} for one in heard)
    same_as_alone([one[seat] for one in heard], sound)
    room.listener.seat(deaf)
    assert np.isfinite([one.pauses for one in room.hear(deaf, sound)]).all()


def test_a_seat_that_left_is_unknown() -> None:
    room = Room(1)
    seat = room.seat()
    room.leave(seat)
    with pytest.raises(UnknownSeat, match="not listened to"):
        room.listener.leave(seat)
    again = room.seat()
    assert again.row == seat.row
    with pytest.raises(UnknownSeat):
        room.listener.restart(seat)


# --- times and restarts ----------------------------------------------------------------------------------------


def test_the_recognisers_delay_is_taken_out_of_its_times() -> None:
    sound = talk(3, 60)
    room, late = Room(1), Room(1, delay_s=0.5)
    plain = [w for one in room.hear(room.seat(), sound) for w in one.words]
    shifted = [w for one in late.hear(late.seat(), sound) for w in one.words]
    assert [w.text for w in plain] == [w.text for w in shifted]
    pairs = [(a, b) for a, b in zip(plain, shifted, strict=True) if a.start_s > 1]
    assert len(pairs) > 4
    for a, b in pairs:
        assert b.start_s == pytest.approx(a.start_s - 0.5)
        assert b.end_s == pytest.approx(a.end_s - 0.5)
    assert all(0 <= w.start_s <= w.end_s for w in shifted)
    ends = [w.end_s for w in shifted]
    assert ends == sorted(ends)


def test_a_row_starts_afresh_at_a_pause_and_its_neighbour_does_not_notice() -> None:
    rule = RestartTuning(quiet_s=0.4, pause=0.7, stuck_s=1e9, apart_s=0.8)
    room = Room(2, restart=rule)
    seat, neighbour = room.seat(), room.seat()
    sound, other = noise(5, 80), noise(6, 80)
    sound[20:30] = 0
    told = [room.tick({seat: sound[n], neighbour: other[n]})[1] for n in range(80)]
    same_as_alone([one[neighbour] for one in told], other)
    # Up to the pause it is one transcription, after it a new one, in the same clock.
    same_as_alone([one[seat] for one in told[:25]], sound)
    words = [w for one in told[30:] for w in one[seat].words]
    assert words and all(w.start_s >= 30 * FRAME_S - 1e-9 for w in words)
    with pytest.raises(AssertionError):
        same_as_alone([one[seat] for one in told], sound)


def test_a_row_that_has_said_nothing_for_long_starts_afresh_whatever_its_heads_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room = Room(1, restart=RestartTuning(quiet_s=1e9, stuck_s=1.6, apart_s=0.8))
    seat = room.seat()
    restarts: list[int] = []
    monkeypatch.setattr(room.listener, "_start", restarts.append)
    room.hear(seat, np.zeros((70, FRAME_SAMPLES), np.float32))
    assert len(restarts) == 3  # 5.6 s, and each time 1.6 s of silence


# --- from sound to what happened -------------------------------------------------------------------------------


def test_from_sound_to_partial_words_and_a_turn() -> None:
    room = Room(1)
    seat = room.seat()
    sound = noise(7, 70)
    sound[:15] = 0
    sound[40:] = 0
    turns, vad, events = Turns(stt_delay_s=room.listener.delay_s), EnergyVad(), []
    for n, frame in enumerate(sound):
        said, heard = room.tick({seat: frame})
        one = said[seat]
        assert text_of(one) >= 0
        quiet = np.zeros_like(one.sound)  # the tiny agent hums without end: it is left out here
        events += turns.feed(Moment(n, vad.feed(frame), loudness_db(quiet), heard=heard[seat]))
    partials = [e for e in events if isinstance(e, CallerPartial)]
    (turn,) = [e for e in events if isinstance(e, CallerTurn)]
    assert len(partials) > 3
    assert turn.hypotheses[0].text == partials[-1].hypotheses[0].text
    assert turn.start_s == pytest.approx(15 * FRAME_S, abs=FRAME_S)
    assert turn.end_s == pytest.approx(40 * FRAME_S, abs=3 * FRAME_S)
    assert turn.decided_s - turn.end_s < 0.5  # the planted pause heads end it


# --- loading ---------------------------------------------------------------------------------------------------


def copied(tmp_path: Path, **config: object) -> Path:
    made = tmp_path / "recogniser"
    shutil.copytree(folder(), made)
    path = made / "config.json"
    kept = json.loads(path.read_text()) | config
    path.write_text(json.dumps({key: value for key, value in kept.items() if value is not None}))
    return made


def test_a_language_model_is_no_recogniser() -> None:
    with pytest.raises(WrongArchitecture, match="no recogniser"):
        load_recogniser(str(checkpoint()))


def test_a_folder_without_config_says_what_is_missing(tmp_path: Path) -> None:
    made = copied(tmp_path)
    (made / "config.json").unlink()
    # Under the names that a checkpoint without a config has.
    (made / "mimi.safetensors").rename(made / "tokenizer-e351c8d8-checkpoint125.safetensors")
    (made / "tokenizer.model").rename(made / "tokenizer_spm_32k_3.model")
    with pytest.raises(WrongArchitecture, match=r"no config\.json"):
        load_recogniser(str(made))


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"delays": [0, *[1] * 32]}, "delays"),
        ({"quantize": True}, "quantized"),
        ({"lora": True}, "LoRA"),
        ({"context": None}, "no 'context'"),
        ({"stt_config": {}}, "audio_delay_seconds"),
        ({"stt_config": {"audio_delay_seconds": "soon"}}, "audio_delay_seconds"),
        ({"n_q": 16, "delays": [0] * 17}, "not of the shape"),
        ({"dep_q": None}, "no recogniser"),
    ],
)
def test_a_config_that_cannot_be_served_says_why(
    tmp_path: Path, config: dict[str, object], told: str
) -> None:
    with pytest.raises(WrongArchitecture, match=told):
        load_recogniser(str(copied(tmp_path, **config)))


def test_the_shape_of_the_1b_release_can_be_built() -> None:
    config = {
        **json.loads((folder() / "config.json").read_text()),
        **{"dim": 2048, "num_heads": 16, "num_layers": 16, "hidden_scale": 4.125, "text_card": 8000},
        **{"context": 750, "conditioners": {}, "fuser": {"sum": [], "cross": []}, "cross_attention": False},
        **{"depformer_dim": 1024, "depformer_num_heads": 16, "depformer_num_layers": 6, "lora": False},
    }
    lm = LMModel(device=torch.device("meta"), dtype=torch.bfloat16, **recogniser_shape(config, "1b"))
    assert 0.9e9 < sum(p.numel() for p in lm.parameters()) < 1.1e9


def test_missing_and_damaged_files(tmp_path: Path) -> None:
    made = copied(tmp_path)
    weights = made / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CorruptFile, match="fetch it again"):
        load_recogniser(str(made))
    weights.unlink()
    with pytest.raises(MissingWeights, match=r"lacks 'model\.safetensors'"):
        load_recogniser(str(made))
    with pytest.raises(MissingWeights, match="neither a folder here nor a hub id"):
        load_recogniser("nowhere")


def test_a_recogniser_of_another_mimi_is_refused() -> None:
    other = load_recogniser(str(folder(seed=1)))
    with pytest.raises(WrongArchitecture, match="another Mimi"):
        Listener(other, 1, model().mimi)
