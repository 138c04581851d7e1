"""Voices from files, and prompts laid out from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("moshi", reason="the engine's tests run in .venv-engine (tools/setup.sh engine)")

import soundfile
import torch
from moshi.models.lm_utils import _delay_sequence

from duplex_frontend.audio import loudness_lufs
from duplex_frontend.engine.errors import BadVoice
from duplex_frontend.engine.prompt import (
    Prompt,
    SpokenVoice,
    StoredVoice,
    initial_column,
    plan,
    prompt_frames,
    wrapped,
)
from duplex_frontend.engine.tokens import DELAYS, PAD, RATE_HZ, SILENCE, SINE
from duplex_frontend.engine.voices import encode, levelled, read_voice
from tests.engine.alone import checkpoint, model


def tone(seconds: float, level: float = 0.1, rate_hz: int = RATE_HZ) -> np.ndarray:
    at = np.arange(round(seconds * rate_hz)) / rate_hz
    return (level * np.sin(2 * np.pi * 300 * at) * (1 + np.sin(2 * np.pi * 4 * at))).astype(np.float32)


def wav(path: Path, pcm: np.ndarray, rate_hz: int = RATE_HZ) -> Path:
    soundfile.write(path, pcm, rate_hz, subtype="FLOAT")
    return path


def test_a_recording_becomes_as_many_frames_as_it_is_long(tmp_path: Path) -> None:
    voice = read_voice(wav(tmp_path / "v.wav", tone(3.05)), model().mimi, 64)
    assert isinstance(voice, SpokenVoice)
    assert voice.codes.shape == (39, 8) and voice.codes.max() < 2048


@pytest.mark.parametrize("rate_hz", [8000, 44100])
def test_any_rate_will_do(tmp_path: Path, rate_hz: int) -> None:
    voice = read_voice(wav(tmp_path / "v.wav", tone(4, rate_hz=rate_hz), rate_hz), model().mimi, 64)
    assert isinstance(voice, SpokenVoice) and abs(len(voice.codes) - 50) <= 1


@pytest.mark.parametrize("level", [0.005, 0.1, 0.45])
def test_loud_and_quiet_recordings_are_brought_to_minus_24_lufs(level: float) -> None:
    even = levelled(tone(5, level), Path("v.wav"))
    assert loudness_lufs(even, RATE_HZ) == pytest.approx(-24.0, abs=0.1)


def test_a_voice_is_encoded_as_in_a_call() -> None:
    mimi, pcm = model().mimi, tone(3)
    again = model().mimi
    with torch.no_grad(), again.streaming(1):
        one = [
            again.encode(torch.from_numpy(x).view(1, 1, -1))[0, :8, 0] for x in np.split(pcm[: 1920 * 20], 20)
        ]
    assert torch.equal(encode(pcm, mimi)[:20], torch.stack(one))


@pytest.mark.parametrize(("seconds", "told"), [(2.9, "2.9 s"), (30.2, "30.2 s")])
def test_a_recording_too_short_or_too_long_is_refused(tmp_path: Path, seconds: float, told: str) -> None:
    with pytest.raises(BadVoice, match=told):
        read_voice(wav(tmp_path / "v.wav", tone(seconds)), model().mimi, 64)


def test_silence_and_rubbish_and_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadVoice, match="silent"):
        read_voice(wav(tmp_path / "v.wav", np.zeros(4 * RATE_HZ, np.float32)), model().mimi, 64)
    (tmp_path / "x.wav").write_bytes(b"no sound at all")
    with pytest.raises(BadVoice, match=r"x\.wav"):
        read_voice(tmp_path / "x.wav", model().mimi, 64)
    with pytest.raises(BadVoice, match="no voice at"):
        read_voice(tmp_path / "y.pt", model().mimi, 64)


def stored(tmp_path: Path, **changes: object) -> Path:
    held = torch.load(checkpoint() / "voices/tiny.pt", weights_only=True)
    torch.save({**held, **changes}, tmp_path / "v.pt")
    return tmp_path / "v.pt"


def test_a_stored_voice_tells_its_last_column_and_what_comes_late_after_it(tmp_path: Path) -> None:
    cache = torch.arange(17 * 4).view(1, 17, 4)
    voice = read_voice(stored(tmp_path, cache=cache), model().mimi, 64)
    assert isinstance(voice, StoredVoice) and voice.embeddings.shape == (24, 64)
    assert torch.equal(voice.last, cache[0, :, 24 % 4]) and torch.equal(voice.after, cache[0, :, 25 % 4])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"embeddings": torch.zeros(24, 1, 1, 32)}, "another size"),
        ({"cache": torch.zeros(1, 17, 3)}, "cache of shape"),
        ({"embeddings": torch.full((24, 1, 1, 64), torch.nan)}, "no numbers"),
        ({"embeddings": 5}, "lacks"),
    ],
)
def test_a_stored_voice_of_another_model_is_refused(
    tmp_path: Path, changes: dict[str, object], told: str
) -> None:
    with pytest.raises(BadVoice, match=told):
        read_voice(stored(tmp_path, **changes), model().mimi, 64)


class Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (exec, ("raise SystemExit('code in a voice was run')",))


def test_code_in_a_voice_file_is_not_run(tmp_path: Path) -> None:
    torch.save({"embeddings": Trap()}, tmp_path / "v.pt")
    with pytest.raises(BadVoice, match="read safely"):
        read_voice(tmp_path / "v.pt", model().mimi, 64)


def test_the_frames_of_a_prompt_are_those_of_the_paper() -> None:
    codes = torch.arange(24).view(3, 8)
    frames, before_role = prompt_frames(Prompt(SpokenVoice("v", codes), (50, 51)))
    assert frames.shape == (3 + 6 + 2 + 6, 17) and before_role == 9
    assert frames[:, 0].tolist() == [PAD] * 9 + [50, 51] + [PAD] * 6
    assert torch.equal(frames[:3, 1:9], codes)
    assert (frames[3:, 1:9] == torch.tensor(SILENCE)).all() and (frames[:, 9:] == torch.tensor(SINE)).all()


def test_columns_are_the_frames_delayed_as_moshi_delays_them() -> None:
    g = torch.Generator().manual_seed(1)
    prompt = Prompt(SpokenVoice("v", torch.randint(0, 2048, (5, 8), generator=g)), (50, 51))
    initial = initial_column(2048, 74)
    frames, _ = prompt_frames(prompt)
    delayed = _delay_sequence(list(DELAYS), frames.T[None], initial.view(1, 17, 1))[0].T
    laid = plan(prompt, initial)
    assert torch.equal(laid.columns[2:], delayed[2:])
    assert torch.equal(laid.columns[0], initial)
    late = torch.tensor(DELAYS) > 0
    assert torch.equal(laid.columns[1], torch.where(late, initial, delayed[1]))


def test_a_role_is_wrapped_as_the_model_was_trained_and_an_empty_one_is_none() -> None:
    told: list[str] = []
    wrapped("  You work\nfor X. ", lambda text: told.append(text) or [1])  # type: ignore[func-returns-value]
    assert told == ["<system> You work for X. <system>"]
    assert wrapped("  ", lambda _: [1]) == ()
