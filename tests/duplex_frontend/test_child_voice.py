"""The voice's process: it may die, hang or be given up; the call goes on."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duplex_frontend.audio import Pcm
from duplex_frontend.cascade.voice import ChildVoice, VoiceFailed
from duplex_frontend.cascade.voice_wire import Frame, FrameReader, Kind, NotAFrame
from duplex_frontend.cascade.voices import Engine, Library, VoiceChoice, VoiceInfo, choose_voice, find_voices
from duplex_frontend.errors import FrontendError, NoVoice

FOUND = find_voices()
QUESTION = "What is your date of birth?"
# More audio than the pipe and our side of it hold, so the child is still at it when it is killed.
LONG = "Our clinic is open from eight in the morning until six in the evening. " * 6


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def voice() -> AsyncIterator[ChildVoice]:
    voice = await ChildVoice.open(choose_voice(found=FOUND))
    yield voice
    await voice.aclose()


async def say(voice: ChildVoice, text: str) -> Pcm:
    return np.concatenate([chunk async for chunk in voice.stream(text)])


def kill(voice: ChildVoice, how: signal.Signals = signal.SIGKILL) -> None:
    assert voice.process_id is not None
    os.kill(voice.process_id, how)


def runs(process_id: int) -> bool:
    """It is there and no zombie."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def ends_within(process_id: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while runs(process_id) and time.monotonic() < until:
        time.sleep(0.02)
    return not runs(process_id)


# --- the process ---


@pytest.mark.anyio
async def test_a_process_killed_in_the_middle_of_a_clause_is_started_again_and_goes_on_there(
    voice: ChildVoice,
) -> None:
    whole = await say(voice, LONG)
    told: list[str] = []
    voice.restarted = told.append
    async with aclosing(voice.stream(LONG)) as chunks:
        pieces = [await anext(chunks)]
        kill(voice)
        pieces += [chunk async for chunk in chunks]
    assert told == ["its process ended"]
    assert abs(sum(map(len, pieces)) - len(whole)) < 0.1 * voice.rate_hz
    # Where it was joined the words go on: the envelope is that of the clause spoken without a break.
    envelope = np.abs(np.concatenate(pieces)[: len(whole)]).reshape(-1)[: len(whole) // 800 * 800]
    theirs = np.abs(whole)[: len(envelope)]
    ours, theirs = (x[: len(envelope) // 800 * 800].reshape(-1, 800).mean(axis=1) for x in (envelope, theirs))
    assert np.corrcoef(ours, theirs)[0, 1] > 0.95


@pytest.mark.anyio
async def test_a_process_killed_between_clauses_is_not_missed(voice: ChildVoice) -> None:
    alone = await say(voice, QUESTION)
    kill(voice)
    assert len(await say(voice, QUESTION)) == pytest.approx(len(alone), rel=0.02)


@pytest.mark.anyio
async def test_a_process_that_hangs_is_replaced() -> None:
    voice = await ChildVoice.open(choose_voice(found=FOUND), patience_s=1.5)
    hung, told = voice.process_id, list[str]()
    voice.restarted = told.append
    kill(voice, signal.SIGSTOP)
    async with asyncio.timeout(12):
        assert len(await say(voice, QUESTION)) > voice.rate_hz / 2
    assert told == ["it gave nothing for 1.5 s"]
    assert hung is not None and hung != voice.process_id and ends_within(hung, 5)
    await voice.aclose()


@pytest.mark.anyio
async def test_a_clause_that_kills_two_processes_is_given_up_and_the_next_one_is_spoken(
    voice: ChildVoice,
) -> None:
    killed: set[int] = set()
    with pytest.raises(VoiceFailed, match="failed twice"):
        async for _ in voice.stream(LONG):
            if voice.process_id not in killed and voice.process_id is not None:
                killed.add(voice.process_id)
                kill(voice)
    assert len(killed) == 2
    assert len(await say(voice, QUESTION)) > voice.rate_hz / 2


@pytest.mark.anyio
async def test_ctrl_c_is_not_for_the_voice(voice: ChildVoice) -> None:
    before = voice.process_id
    kill(voice, signal.SIGINT)
    await say(voice, QUESTION)
    assert voice.process_id == before


@pytest.mark.anyio
async def test_closing_ends_the_process_even_in_the_middle_of_a_clause(voice: ChildVoice) -> None:
    process_id, told = voice.process_id, list[str]()
    voice.restarted = told.append
    chunks = voice.stream(LONG)
    await anext(chunks)
    await voice.aclose()
    assert process_id is not None and not runs(process_id)
    with pytest.raises(FrontendError, match="is closed"):
        async for _ in chunks:
            pass
    assert told == []


@pytest.mark.anyio
async def test_a_voice_that_nobody_listens_to_waits_and_keeps_little(voice: ChildVoice) -> None:
    """The child has to stop when what it made is not taken."""
    async with aclosing(voice.stream("hello, " * 150)) as chunks:
        await anext(chunks)
        await asyncio.sleep(0.3)
        assert voice.process_id is not None
        before = cpu_ticks(voice.process_id)
        await asyncio.sleep(0.3)
        assert cpu_ticks(voice.process_id) - before <= 2
    assert len(await say(voice, QUESTION)) > voice.rate_hz / 2


@pytest.mark.anyio
async def test_a_clause_that_is_given_up_costs_no_more_work(voice: ChildVoice) -> None:
    await say(voice, QUESTION)
    async with aclosing(voice.stream("hello, " * 150)) as chunks:
        await anext(chunks)
    assert voice.process_id is not None
    before = cpu_ticks(voice.process_id)
    await say(voice, "Okay.")
    assert cpu_ticks(voice.process_id) - before < 20  # to speak it all would be 60 or more


def cpu_ticks(process_id: int) -> int:
    fields = Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def test_no_voice_outlives_the_one_who_started_it() -> None:
    program = (
        "import asyncio\n"
        "from duplex_frontend.cascade.voice import ChildVoice\n"
        "from duplex_frontend.cascade.voices import choose_voice\n"
        "async def main():\n"
        "    voice = await ChildVoice.open(choose_voice())\n"
        "    print(voice.process_id, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        child = int(owner.stdout.readline())
        assert runs(child)
        owner.kill()
    assert ends_within(child, 5)


def test_what_a_library_prints_does_not_get_between_the_frames() -> None:
    program = (
        "from duplex_frontend.cascade.voice_child import Outbox; import os\n"
        "outbox = Outbox(); os.write(1, b'a remark of the library'); outbox.write(b'a frame')\n"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert answer.stdout == b"a frame"


@pytest.mark.anyio
async def test_a_voice_that_is_not_there_is_said_to_be_missing() -> None:
    with pytest.raises(NoVoice, match=r"'flite:nobody' does not start: .*libflite_cmu_us_nobody"):
        await ChildVoice.open(VoiceChoice(Engine.FLITE, Library.SYSTEM, "nobody"))


# --- how it speaks ---


@pytest.mark.anyio
@pytest.mark.parametrize("info", FOUND, ids=lambda info: f"{info.engine}@{info.library}")
async def test_a_voice_speaks_as_fast_as_it_is_told(info: VoiceInfo) -> None:
    name = "slt" if info.engine is Engine.FLITE else "en-us"
    seconds = []
    for rate in (0.7, 1.0, 1.4):
        voice = await ChildVoice.open(VoiceChoice(info.engine, info.library, name, rate))
        seconds.append(len(await say(voice, QUESTION)) / voice.rate_hz)
        await voice.aclose()
    assert seconds[0] > 1.2 * seconds[1] and seconds[1] > 1.2 * seconds[2]


@pytest.mark.anyio
async def test_audio_comes_at_the_rate_that_was_asked_for() -> None:
    seconds = []
    for rate_hz in (8_000, 16_000, 24_000):
        voice = await ChildVoice.open(choose_voice(found=FOUND), rate_hz=rate_hz)
        assert voice.rate_hz == rate_hz
        seconds.append(len(await say(voice, QUESTION)) / rate_hz)
        await voice.aclose()
    assert max(seconds) - min(seconds) < 0.15


# --- the wire ---


@given(
    frames=st.lists(
        st.builds(Frame, st.sampled_from(Kind), st.integers(0, 2**32 - 1), st.binary(max_size=50)), max_size=8
    ),
    piece=st.integers(1, 20),
)
def test_frames_come_out_whole_in_whatever_pieces_they_come(frames: list[Frame], piece: int) -> None:
    wire = b"".join(frame.encode() for frame in frames)
    reader = FrameReader()
    assert [f for i in range(0, len(wire), piece) for f in reader.feed(wire[i : i + piece])] == frames


def test_bytes_that_are_not_ours_are_not_taken_for_frames() -> None:
    with pytest.raises(NotAFrame):
        FrameReader().feed(b"Segmentation fault\n")
