"""What every voice does, over every synthesizer that this machine has."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import numpy as np
import pytest

from duplex_frontend.audio import Pcm, loudness_lufs
from duplex_frontend.cascade.voice import ChildVoice
from duplex_frontend.cascade.voices import Engine, VoiceChoice, find_voices
from duplex_frontend.errors import FrontendError
from duplex_frontend.ports import Voice

pytestmark = pytest.mark.anyio

QUESTION = "What is your date of birth?"
LONG = "Our clinic is open from eight in the morning until six in the evening, and on Saturdays until one."

FOUND = find_voices()
CHOICES = [
    VoiceChoice(info.engine, info.library, name)
    for info in FOUND
    for name in (info.names if info.engine is Engine.FLITE else ("en-us", "en-gb+f3", "de"))
]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module", params=CHOICES, ids=lambda choice: f"{choice}@{choice.library}")
async def voice(request: pytest.FixtureRequest) -> AsyncIterator[Voice]:
    voice = await ChildVoice.open(request.param)
    yield voice
    await voice.aclose()


async def say(voice: Voice, text: str) -> list[Pcm]:
    return [chunk async for chunk in voice.stream(text)]


def sounds_at(pcm: Pcm, rate_hz: int) -> tuple[float, float]:
    """Seconds of silence before the first sound and after the last."""
    hop = rate_hz // 200
    rms = np.sqrt(np.mean(np.square(pcm[: len(pcm) // hop * hop].reshape(-1, hop)), axis=1))
    loud, audible = np.flatnonzero(rms > 10 ** (-50 / 20)), np.flatnonzero(rms > 10 ** (-58 / 20))
    return float(loud[0] / 200), float((len(rms) - 1 - audible[-1]) / 200)


async def test_there_is_a_voice_to_run_this_suite_over() -> None:
    assert FOUND, "no synthesizer is installed; `make test` installs one"


async def test_a_clause_comes_as_sound_in_the_form_that_was_promised(voice: Voice) -> None:
    chunks = await say(voice, QUESTION)
    pcm = np.concatenate(chunks)
    assert all(chunk.dtype == np.float32 and chunk.ndim == 1 and len(chunk) for chunk in chunks)
    assert np.abs(pcm).max() <= 1.0
    assert 0.9 <= len(pcm) / voice.rate_hz <= 2.5


async def test_every_voice_is_about_equally_loud(voice: Voice) -> None:
    pcm = np.concatenate(await say(voice, LONG))
    assert -23 <= loudness_lufs(pcm, voice.rate_hz) <= -17


async def test_speech_begins_at_once_and_ends_without_a_long_silence(voice: Voice) -> None:
    for text in ("Thanks.", "Okay.", QUESTION, "Four."):
        before_s, after_s = sounds_at(np.concatenate(await say(voice, text)), voice.rate_hz)
        assert before_s <= 0.02
        assert after_s <= 0.05


async def test_the_first_sound_does_not_wait_for_the_last(voice: Voice) -> None:
    chunks = await say(voice, LONG)
    assert len(chunks) > 5
    assert len(chunks[0]) < 0.1 * voice.rate_hz


async def test_a_clause_that_is_closed_leaves_nothing_behind_for_the_next(voice: Voice) -> None:
    alone = sum(len(chunk) for chunk in await say(voice, QUESTION))
    for _ in range(3):
        async with aclosing(voice.stream(LONG)) as chunks:
            await anext(chunks)
    after = sum(len(chunk) for chunk in await say(voice, QUESTION))
    assert after == pytest.approx(alone, rel=0.05)


async def test_two_clauses_asked_for_at_once_both_come_whole(voice: Voice) -> None:
    alone = sum(len(chunk) for chunk in await say(voice, QUESTION))

    async def say_slowly() -> int:
        samples = 0
        async for chunk in voice.stream(QUESTION):
            samples += len(chunk)
            await asyncio.sleep(0.001)
        return samples

    async with asyncio.timeout(4):  # neither takes the other's audio, and has to ask for it again
        both = await asyncio.gather(say_slowly(), say_slowly())
    for samples in both:
        assert samples == pytest.approx(alone, rel=0.05)


async def test_commas_between_groups_of_digits_are_heard_as_pauses(voice: Voice) -> None:
    run_on = np.concatenate(await say(voice, "five five five one two three four five six seven"))
    grouped = np.concatenate(await say(voice, "five five five, one two three, four five six seven"))
    assert len(grouped) - len(run_on) > 0.1 * voice.rate_hz


@pytest.mark.parametrize("text", ["", "   ", "...", "?!", "\n"])
async def test_nothing_to_say_is_said_at_once(voice: Voice, text: str) -> None:
    async with asyncio.timeout(2):
        assert sum(len(chunk) for chunk in await say(voice, text)) < 0.3 * voice.rate_hz


async def test_typographic_signs_other_scripts_and_control_characters_do_not_break_it(voice: Voice) -> None:
    for text in (
        "“Café” — it’s €5… isn’t it?",
        "it costs <b>5</b> & 10 %",
        "one\x07\ntwo three",
        "日本語 and more",
    ):
        assert sum(len(chunk) for chunk in await say(voice, text)) > 0.3 * voice.rate_hz
    plain = sum(len(chunk) for chunk in await say(voice, "one two three four"))
    zero = sum(len(chunk) for chunk in await say(voice, "one\x00two three four"))
    assert zero == pytest.approx(plain, rel=0.1)


async def test_a_closed_voice_says_so_and_can_be_closed_again() -> None:
    voice = await ChildVoice.open(CHOICES[0])
    await voice.aclose()
    await voice.aclose()
    with pytest.raises(FrontendError, match="closed"):
        await say(voice, QUESTION)
