"""Echo cancelling and noise suppression, on synthesized speech in a made room."""

import asyncio
import sys
from collections.abc import Sequence

import numpy as np
import pytest

from duplex_frontend.audio import Pcm
from duplex_frontend.cascade.echo import EchoCanceller, NoEchoCanceller
from duplex_frontend.cascade.voice import ChildVoice
from duplex_frontend.cascade.voices import choose_voice, find_voices

RATE_HZ, BLOCK = 16_000, 320
AGENT_ALONE_S, BOTH_S = 8.0, 12.0


async def speech(name: str, pitch: float, lines: Sequence[str]) -> Pcm:
    voice = await ChildVoice.open(choose_voice(name, pitch=pitch, found=find_voices()))
    pieces: list[Pcm] = []
    for line in lines:
        pieces += [chunk async for chunk in voice.stream(line)]
        pieces.append(np.zeros(RATE_HZ // 5, np.float32))
    await voice.aclose()
    return np.concatenate(pieces)


def padded(pcm: Pcm, seconds: float, at_s: float = 0.0) -> Pcm:
    made = np.zeros(int(seconds * RATE_HZ), np.float32)
    start = int(at_s * RATE_HZ)
    part = pcm[: len(made) - start]
    made[start : start + len(part)] = part
    return made


@pytest.fixture(scope="module")
def agent() -> Pcm:
    lines = [
        "Thanks for calling the clinic on Elm Street, I will take your details before the visit.",
        "What is your date of birth, and what is the best phone number to reach you on?",
        "We are open from eight in the morning until six in the evening on weekdays.",
    ]
    return padded(asyncio.run(speech("", 1.0, lines)), BOTH_S)


@pytest.fixture(scope="module")
def caller() -> Pcm:
    """Speaks over the agent, from `AGENT_ALONE_S` on."""
    lines = ["Sorry, before that, I would like to ask whether you are open on Saturdays as well."]
    return padded(asyncio.run(speech("", 0.7, lines)), BOTH_S, at_s=AGENT_ALONE_S)


def heard_in_a_room(said: Pcm, delay_ms: int, level_db: float) -> Pcm:
    """`said` from a loudspeaker: late, and with 150 ms of reverberation."""
    rng = np.random.default_rng(7)
    tail = rng.standard_normal(2400) * np.exp(-np.arange(2400) / 400) * 0.12
    room = np.concatenate([np.zeros(delay_ms * RATE_HZ // 1000), [1.0], tail])
    return (np.convolve(said, room)[: len(said)] * 10 ** (level_db / 20)).astype(np.float32)


def hiss(level_db: float) -> Pcm:
    rng = np.random.default_rng(3)
    return (rng.standard_normal(int(BOTH_S * RATE_HZ)) * 10 ** (level_db / 20)).astype(np.float32)


def cleaned(canceller: EchoCanceller, heard: Pcm, said: Pcm) -> Pcm:
    blocks = range(0, len(heard) - BLOCK + 1, BLOCK)
    return np.concatenate([canceller.process(heard[i : i + BLOCK], said[i : i + BLOCK]) for i in blocks])


def level_db(pcm: Pcm, from_s: float, to_s: float) -> float:
    part = pcm[int(from_s * RATE_HZ) : int(to_s * RATE_HZ)].astype(np.float64)
    return float(10 * np.log10(np.mean(part**2) + 1e-12))


@pytest.mark.parametrize(("delay_ms", "echo_db"), [(20, -3.0), (120, -6.0), (300, -10.0)])
def test_the_agents_own_voice_is_taken_out_of_what_is_heard(
    agent: Pcm, delay_ms: int, echo_db: float
) -> None:
    heard = heard_in_a_room(agent, delay_ms, echo_db) + hiss(-65)
    made = cleaned(EchoCanceller(RATE_HZ), heard, agent)
    assert level_db(heard, 1.0, AGENT_ALONE_S) - level_db(made, 1.0, AGENT_ALONE_S) > 30


@pytest.mark.parametrize("delay_ms", [20, 120])
def test_a_caller_who_speaks_over_the_agent_is_still_heard(agent: Pcm, caller: Pcm, delay_ms: int) -> None:
    heard = heard_in_a_room(agent, delay_ms, -6.0) + caller + hiss(-65)
    made = cleaned(EchoCanceller(RATE_HZ), heard, agent)
    spoken = level_db(caller, AGENT_ALONE_S + 0.5, BOTH_S)
    assert level_db(made, AGENT_ALONE_S + 0.5, BOTH_S) > spoken - 8
    assert level_db(made, AGENT_ALONE_S + 0.5, BOTH_S) > level_db(made, 1.0, AGENT_ALONE_S) + 25


def test_a_caller_who_speaks_alone_passes_through_within_20_ms(caller: Pcm) -> None:
    made = cleaned(EchoCanceller(RATE_HZ), caller + hiss(-65), np.zeros_like(caller))
    assert abs(level_db(made, AGENT_ALONE_S, BOTH_S) - level_db(caller, AGENT_ALONE_S, BOTH_S)) < 2
    size = 2 * len(caller)
    matched = np.fft.irfft(np.fft.rfft(made, size) * np.conj(np.fft.rfft(caller, size)))
    assert int(matched[:1600].argmax()) / RATE_HZ < 0.020


def test_steady_noise_is_quieter_where_that_was_asked_for(agent: Pcm) -> None:
    noise, nothing = hiss(-40), np.zeros_like(agent)
    left = cleaned(EchoCanceller(RATE_HZ, cancel_echo=False, suppress_noise=False), noise, nothing)
    taken = cleaned(EchoCanceller(RATE_HZ, cancel_echo=False, suppress_noise=True), noise, nothing)
    assert abs(level_db(left, 3, 12) - level_db(noise, 3, 12)) < 1
    assert level_db(taken, 3, 12) < level_db(noise, 3, 12) - 10


def test_with_both_switched_off_nothing_is_changed(caller: Pcm) -> None:
    off = EchoCanceller(RATE_HZ, cancel_echo=False, suppress_noise=False)
    np.testing.assert_allclose(cleaned(off, caller, caller), caller, atol=1 / 32768)


@pytest.mark.parametrize("rate_hz", [8_000, 48_000])
def test_telephone_and_sound_card_rates_work_as_well(rate_hz: int) -> None:
    block = np.zeros(rate_hz // 50, np.float32)
    assert EchoCanceller(rate_hz).process(block, block).shape == block.shape


def test_a_missing_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "livekit", None)
    with pytest.raises(NoEchoCanceller, match=r"pip install 'souffleur\[echo\]'"):
        EchoCanceller(RATE_HZ)


def test_blocks_that_do_not_fit_are_refused() -> None:
    canceller = EchoCanceller(RATE_HZ)
    with pytest.raises(ValueError, match="10 ms"):
        canceller.process(np.zeros(100, np.float32), np.zeros(100, np.float32))
    with pytest.raises(ValueError, match="10 ms"):
        canceller.process(np.zeros(320, np.float32), np.zeros(160, np.float32))
    with pytest.raises(ValueError, match="not at 22050"):
        EchoCanceller(22_050)
