"""The recogniser's processes: they may die, hang or fall behind; the call goes on."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import anyio
import pytest

from duplex_frontend.cascade import ear as ear_module
from duplex_frontend.cascade import ear_process
from duplex_frontend.cascade.ear_pool import EarPool
from duplex_frontend.cascade.ear_process import EarLost, EarProcess
from duplex_frontend.cascade.ear_wire import EarKind
from duplex_frontend.cascade.ears import PocketsphinxEars
from duplex_frontend.errors import FrontendError
from duplex_frontend.types import Expected, Hypothesis, Source
from tests.duplex_frontend.speech import as_pcm, pieces, quiet, utterance

pytestmark = pytest.mark.anyio

YES_NO = Expected("yes_no", "#JSGF V1.0;\ngrammar yes_no;\npublic <said> = (yes | no) [please | thanks];\n")
Trouble = tuple[str, str, bool]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass(slots=True)
class Listening:
    """Ears, and what they told."""

    ears: PocketsphinxEars
    partials: list[tuple[Hypothesis, ...]] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

    def begin(self, pcm: bytes) -> None:
        self.ears.begin()
        for piece in pieces(pcm):
            self.ears.feed(piece)

    async def hears(self, pcm: bytes) -> tuple[Hypothesis, ...]:
        self.begin(pcm)
        await self.ears.settled()
        return await self.ears.end()

    def signal(self, kind: EarKind, which: signal.Signals) -> None:
        grammar, free = self.ears.process_ids
        os.kill(grammar if kind is EarKind.GRAMMAR else free, which)

    async def recovers(self, part: str) -> None:
        await until(lambda: any(name == part and recovered for name, _, recovered in self.troubles))


async def until(true: Callable[[], bool], within_s: float = 20) -> None:
    with anyio.fail_after(within_s):
        while not true():
            await asyncio.sleep(0.01)


async def listen(pool: EarPool | None = None) -> Listening:
    partials: list[tuple[Hypothesis, ...]] = []
    troubles: list[Trouble] = []
    ears = await PocketsphinxEars.start(
        "en-US", partials.append, lambda *trouble: troubles.append(trouble), 0.5, pool
    )
    ears.expect(YES_NO)
    return Listening(ears, partials, troubles)


@pytest.fixture
async def listening() -> AsyncIterator[Listening]:
    listening = await listen()
    yield listening
    await listening.ears.aclose()


def is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


# --- hearing -----------------------------------------------------------------------------------------------


async def test_both_readings_come_and_the_expected_one_first_where_it_fits(listening: Listening) -> None:
    heard = await listening.hears(utterance("yes please"))
    assert [h.source for h in heard] == [Source.GRAMMAR, Source.OPEN]
    assert heard[0].text == "yes please"
    heard = await listening.hears(utterance("where can i park my car"))
    assert [h.source for h in heard][:1] == [Source.OPEN]


async def test_a_word_that_nobody_can_say_leaves_the_open_ear_and_is_reported(listening: Listening) -> None:
    listening.ears.expect(Expected("odd", "#JSGF V1.0;\ngrammar odd;\npublic <said> = yes | 北京;\n"))
    heard = await listening.hears(utterance("yes please"))
    assert [h.source for h in heard] == [Source.OPEN]
    assert [(part, recovered) for part, _, recovered in listening.troubles] == [("grammar", False)] * 2
    assert "北京" in listening.troubles[0][1]


async def test_sound_is_taken_in_pieces_that_wake_the_processes_rarely(listening: Listening) -> None:
    """20 ms at a time the two processes and we would wake each other a hundred times a second."""
    listening.ears.begin()
    sent: list[int] = []
    for ear in listening.ears._ears:
        feed = ear.feed
        ear.feed = lambda pcm, feed=feed: (sent.append(len(pcm)), feed(pcm))  # type: ignore[method-assign]
    for piece in pieces(as_pcm(quiet(0.6))):
        listening.ears.feed(piece)
    assert len(sent) == 20 and set(sent) == {1920}


async def test_a_language_without_a_model_is_refused() -> None:
    with pytest.raises(FrontendError, match="de-DE"):
        await PocketsphinxEars.start("de-DE", lambda _: None, lambda *_: None)


# --- death -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("killed", "source"), [(EarKind.GRAMMAR, Source.OPEN), (EarKind.OPEN, Source.GRAMMAR)]
)
async def test_an_utterance_goes_on_with_the_ear_that_is_left(
    listening: Listening, killed: EarKind, source: Source
) -> None:
    pcm = utterance("yes please")
    listening.begin(pcm[: len(pcm) // 2])
    await listening.ears.settled()
    listening.signal(killed, signal.SIGKILL)
    for piece in pieces(pcm[len(pcm) // 2 :]):
        listening.ears.feed(piece)
        await asyncio.sleep(0.005)
    assert [h.source for h in await listening.ears.end()] == [source]
    await listening.recovers(f"recogniser ({killed})")


async def test_a_new_process_is_given_what_is_expected(listening: Listening) -> None:
    listening.signal(EarKind.GRAMMAR, signal.SIGKILL)
    await listening.recovers("recogniser (grammar)")
    heard = await listening.hears(utterance("no thanks"))
    assert [h.source for h in heard] == [Source.GRAMMAR, Source.OPEN]
    assert len(listening.troubles) == 1
    assert "-9" in listening.troubles[0][1]


async def test_with_both_ears_gone_an_utterance_is_nothing_and_the_next_is_heard(
    listening: Listening,
) -> None:
    pcm = utterance("yes please")
    listening.begin(pcm[: len(pcm) // 2])
    for kind in EarKind:
        listening.signal(kind, signal.SIGKILL)
    await until(lambda: not listening.ears.process_ids)
    assert await listening.ears.end() == ()
    await listening.recovers("recogniser (grammar)")
    await listening.recovers("recogniser (open)")
    assert (await listening.hears(pcm))[0].text == "yes please"


async def test_an_ear_that_dies_while_it_is_asked_is_not_waited_for(listening: Listening) -> None:
    listening.begin(utterance("yes please"))
    await listening.ears.settled()
    listening.signal(EarKind.OPEN, signal.SIGSTOP)
    ending = asyncio.create_task(listening.ears.end())
    await asyncio.sleep(0.05)
    listening.signal(EarKind.OPEN, signal.SIGKILL)
    begun_s = time.monotonic()
    assert [h.source for h in await ending] == [Source.GRAMMAR]
    assert time.monotonic() - begun_s < ear_module.END_WITHIN_S / 2


async def test_a_process_that_dies_again_and_again_stays_away(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    grammar, _ = listening.ears._ears
    monkeypatch.setattr(grammar, "_deaths", type(grammar._deaths)(maxlen=2))
    monkeypatch.setattr(ear_module, "MOST_DEATHS", 2)
    for deaths in range(1, 4):
        listening.signal(EarKind.GRAMMAR, signal.SIGKILL)
        await until(lambda deaths=deaths: len(listening.troubles) == deaths)  # type: ignore[misc]
    assert [recovered for _, _, recovered in listening.troubles] == [True, True, False]
    assert [h.source for h in await listening.hears(utterance("yes please"))] == [Source.OPEN]


async def test_an_ear_that_cannot_be_started_again_is_said_to_be_gone(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ear_module, "PAUSES_S", (0.0, 0.01))
    monkeypatch.setattr(ear_process.sys, "executable", "/bin/false")
    listening.signal(EarKind.GRAMMAR, signal.SIGKILL)
    await until(lambda: bool(listening.troubles))
    assert [(part, recovered) for part, _, recovered in listening.troubles] == [
        ("recogniser (grammar)", False)
    ]
    assert [h.source for h in await listening.hears(utterance("yes please"))] == [Source.OPEN]


# --- hanging -----------------------------------------------------------------------------------------------


async def test_a_hung_ear_is_not_waited_for_and_replaced(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ear_module, "END_WITHIN_S", 1.2)
    hung, _ = listening.ears.process_ids
    listening.begin(utterance("yes please"))
    await listening.ears.settled()
    os.kill(hung, signal.SIGSTOP)
    begun_s = time.monotonic()
    assert [h.source for h in await listening.ears.end()] == [Source.OPEN]
    assert time.monotonic() - begun_s < 2
    await listening.recovers("recogniser (grammar)")
    await until(lambda: not is_running(hung))
    assert (await listening.hears(utterance("no thanks")))[0].source is Source.GRAMMAR


async def test_nobody_waits_for_ever_until_a_hung_ear_has_listened(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ear_module, "SETTLE_WITHIN_S", 0.3)
    listening.signal(EarKind.OPEN, signal.SIGSTOP)
    with anyio.fail_after(5):
        await listening.hears(utterance("yes please"))
    await listening.recovers("recogniser (open)")


async def test_an_ear_that_falls_behind_is_left_behind_and_that_is_said(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ear_module, "LONGEST_BEHIND_S", 2.0)
    slow, _ = listening.ears.process_ids
    os.kill(slow, signal.SIGSTOP)
    listening.begin(utterance("yes please"))
    _, quick = listening.ears._ears
    for _ in range(6):
        listening.ears.feed(as_pcm(quiet(0.2)))
        await quick.settled()
    assert [(part, "behind" in why) for part, why, _ in listening.troubles] == [
        ("recogniser (grammar)", True)
    ]
    assert [h.source for h in await listening.ears.end()] == [Source.OPEN]
    os.kill(slow, signal.SIGCONT)
    await listening.ears.settled()
    assert (await listening.hears(utterance("no thanks")))[0].source is Source.GRAMMAR


# --- processes ---------------------------------------------------------------------------------------------


async def test_no_process_is_left_when_the_call_is_over() -> None:
    listening = await listen()
    running = listening.ears.process_ids
    await listening.ears.aclose()
    assert len(running) == 2 and not any(map(is_running, running))


async def test_the_processes_end_by_themselves_when_their_owner_is_killed() -> None:
    owner = """
import asyncio
from duplex_frontend.cascade.ears import PocketsphinxEars
async def main():
    ears = await PocketsphinxEars.start("en-US", lambda _: None, lambda *_: None)
    print(*ears.process_ids, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""
    process = subprocess.Popen([sys.executable, "-c", owner], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    running = [int(word) for word in (await asyncio.to_thread(process.stdout.readline)).split()]
    process.kill()
    await asyncio.to_thread(process.communicate)
    assert len(running) == 2
    await until(lambda: not any(map(is_running, running)))


async def test_a_process_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    with pytest.raises(EarLost, match=r"(?s)grammar recogniser does not start.*(encodings|PYTHONHOME)"):
        await EarProcess.start(EarKind.GRAMMAR)


async def test_a_process_that_is_slow_to_start_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ear_process, "READY_WITHIN_S", 0.01)
    with pytest.raises(EarLost, match="not ready"):
        await EarProcess.start(EarKind.GRAMMAR)


# --- pool --------------------------------------------------------------------------------------------------


@pytest.fixture
async def pool() -> AsyncIterator[EarPool]:
    pool = EarPool(spares=1)
    await pool.warm()
    yield pool
    await pool.aclose()


async def test_a_call_need_not_wait_for_ears_that_are_ready(pool: EarPool) -> None:
    ready = pool.process_ids(EarKind.GRAMMAR) + pool.process_ids(EarKind.OPEN)
    listening = await listen(pool)
    assert listening.ears.process_ids == ready
    await listening.ears.aclose()


async def test_the_place_of_a_spare_is_filled_again(pool: EarPool) -> None:
    taken = await pool.take(EarKind.GRAMMAR)
    await pool.warm()
    (spare,) = pool.process_ids(EarKind.GRAMMAR)
    assert spare != taken.process_id
    taken.close()
    await taken.gone()


async def test_a_spare_that_died_is_not_handed_out(pool: EarPool) -> None:
    (dead,) = pool.process_ids(EarKind.GRAMMAR)
    os.kill(dead, signal.SIGKILL)
    await until(lambda: not pool.process_ids(EarKind.GRAMMAR))
    taken = await pool.take(EarKind.GRAMMAR)
    alive, process_id = taken.alive, taken.process_id
    taken.close()
    await taken.gone()
    assert alive and process_id != dead


async def test_no_spare_is_left_when_the_pool_is_closed(pool: EarPool) -> None:
    waiting = [process_id for kind in EarKind for process_id in pool.process_ids(kind)]
    taken = await pool.take(EarKind.OPEN)  # its place is being filled when the pool closes
    await pool.aclose()
    taken.close()
    await taken.gone()
    assert len(waiting) == 2
    await until(lambda: not any(map(is_running, waiting)))
