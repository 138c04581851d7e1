"""One ear of a call, whatever process serves it: a process that dies or hangs is replaced, and the call goes on."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

from duplex_frontend.cascade.ear_pool import EarPool
from duplex_frontend.cascade.ear_process import EarLost, EarProcess
from duplex_frontend.cascade.ear_wire import EarKind, Frame, Kind, Phrases, Reading

BYTES_PER_S = 32_000
END_WITHIN_S = 2.0
STALLED_S = 1.0  # without a sign of life, when an answer is overdue: it hangs. Else it is only slow
SETTLE_WITHIN_S = 10.0  # without a sign of life, when nobody is in a hurry
LONGEST_BEHIND_S = 10.0
PAUSES_S = (0.0, 1.0, 5.0)  # before each attempt to start a process anew
MOST_DEATHS, DEATHS_WITHIN_S = 5, 60.0  # more, and whatever kills it will kill the next one

Trouble = Callable[[str, str, bool], None]
"""Part, why, and whether it works again."""


class Ear:
    """Gives utterances to a recogniser process and takes its readings. Made by `open`."""

    def __init__(
        self, kind: EarKind, pool: EarPool, on_partial: Callable[[], None], on_trouble: Trouble
    ) -> None:
        self._kind, self._pool = kind, pool
        self._on_partial, self._on_trouble = on_partial, on_trouble
        self._part = f"recogniser ({kind})"
        self._process: EarProcess | None = None
        self._phrases = Phrases("")
        self._utterance = 0
        self._listening = False  # this process has heard the utterance from its beginning
        self._partial: Reading | None = None
        self._final: asyncio.Future[Reading | None] | None = None
        self._sent_bytes = self._heard_bytes = 0
        self._sign_of_life_s = 0.0
        self._news = asyncio.Event()
        self._deaths: deque[float] = deque(maxlen=MOST_DEATHS)
        self._reviving: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls, kind: EarKind, pool: EarPool, on_partial: Callable[[], None], on_trouble: Trouble
    ) -> Ear:
        """Args:
            on_partial: called when there is a new `partial`.
            on_trouble: called when something failed.

        Raises:
            EarLost: no process starts.
        """
        ear = cls(kind, pool, on_partial, on_trouble)
        ear._use(await pool.take(kind))
        return ear

    @property
    def partial(self) -> Reading | None:
        """The reading of the utterance so far; None where this ear does not follow it."""
        return self._partial

    @property
    def process_id(self) -> int | None:
        return self._process.process_id if self._process is not None else None

    def expect(self, phrases: Phrases) -> None:
        self._phrases = phrases
        self._send(Frame(Kind.EXPECT, self._utterance, phrases.encode()))

    def begin(self) -> None:
        self._utterance += 1
        self._partial = None
        self._listening = self._process is not None
        self._send(Frame(Kind.BEGIN, self._utterance))

    def feed(self, pcm: bytes) -> None:
        if not self._listening:
            return
        if self._sent_bytes - self._heard_bytes > LONGEST_BEHIND_S * BYTES_PER_S:
            self.cancel()
            why = f"it is {LONGEST_BEHIND_S:g} s behind; the rest of this utterance was dropped"
            self._on_trouble(self._part, why, True)
            return
        self._sent_bytes += len(pcm)
        self._send(Frame(Kind.PCM, self._utterance, pcm))

    async def end(self) -> Reading | None:
        """What was made of the utterance; None where this ear did not hear it, or not in time."""
        process = self._process
        if not self._listening or process is None:
            return None
        self._listening = False
        self._final = asyncio.get_running_loop().create_future()
        self._send(Frame(Kind.END, self._utterance))
        try:
            async with asyncio.timeout(END_WITHIN_S):
                return await self._final
        except TimeoutError:
            self._overdue(process)
            return None
        finally:
            self._final = self._partial = None

    def cancel(self) -> None:
        self._listening, self._partial = False, None
        self._send(Frame(Kind.CANCEL, self._utterance))

    async def settled(self) -> None:
        """Return when all audio given so far was listened to, or never will be."""
        while (process := self._process) is not None and self._heard_bytes < self._sent_bytes:
            self._news.clear()
            try:
                async with asyncio.timeout(SETTLE_WITHIN_S):
                    await self._news.wait()
            except TimeoutError:
                process.kill(f"it took no audio for {SETTLE_WITHIN_S:g} s")

    async def aclose(self) -> None:
        if self._reviving is not None:
            self._reviving.cancel()
            await asyncio.gather(self._reviving, return_exceptions=True)
        process, self._process = self._process, None
        if process is not None:
            process.close()
            await process.gone()

    # --- the process ---

    def _use(self, process: EarProcess) -> None:
        self._process = process
        self._sent_bytes = self._heard_bytes = 0
        if self._phrases.name:
            self._send(Frame(Kind.EXPECT, self._utterance, self._phrases.encode()))
        process.attend(self._take, self._lose)

    def _send(self, frame: Frame) -> None:
        if self._process is not None:
            self._process.send(frame)

    def _take(self, frame: Frame) -> None:
        self._sign_of_life_s = time.monotonic()
        match frame.kind:
            case Kind.HEARD:
                self._heard_bytes += int(frame.payload)
                self._news.set()
            case Kind.PARTIAL if self._listening and frame.utterance == self._utterance:
                self._partial = Reading.decode(frame.payload)
                self._on_partial()
            case Kind.FINAL if frame.utterance == self._utterance:
                self._answer(Reading.decode(frame.payload))
            case Kind.LEFT_OUT:
                self._on_trouble("grammar", frame.payload.decode(), False)

    def _answer(self, reading: Reading | None) -> None:
        if self._final is not None and not self._final.done():
            self._final.set_result(reading)

    def _overdue(self, process: EarProcess) -> None:
        silent_s = time.monotonic() - self._sign_of_life_s
        if silent_s > STALLED_S:
            process.kill(f"it did not answer within {END_WITHIN_S:g} s")
        else:
            self._on_trouble(self._part, f"it needed more than {END_WITHIN_S:g} s for an answer", True)

    def _lose(self, why: str) -> None:
        """The process is gone: this utterance with it, not the call."""
        lost, self._process = self._process, None
        self._listening, self._partial = False, None
        self._answer(None)
        self._news.set()
        if lost is not None:
            lost.close()
        now_s = time.monotonic()
        often = len(self._deaths) == MOST_DEATHS and now_s - self._deaths[0] < DEATHS_WITHIN_S
        self._deaths.append(now_s)
        if often:
            self._on_trouble(self._part, f"{why}, again and again; it stays away", False)
        else:
            self._reviving = asyncio.create_task(self._revive(why), name=f"ear-revive-{self._kind}")

    async def _revive(self, why: str) -> None:
        for pause_s in PAUSES_S:
            await asyncio.sleep(pause_s)
            try:
                process = await self._pool.take(self._kind)
            except EarLost as error:
                why = str(error)
                continue
            self._on_trouble(self._part, why, True)
            self._use(process)
            return
        self._on_trouble(self._part, why, False)
