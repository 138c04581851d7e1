"""The voice of the embedded front-end: a synthesizer in a process of its own, clause by clause.

`voices.py` finds and chooses one, `clauses.py` cuts a reply, `voice_child.py` is the process.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from duplex_frontend.audio import Pcm, from_bytes
from duplex_frontend.cascade.say_en import as_said
from duplex_frontend.cascade.voice_process import PATIENCE_S, VoiceLost, VoiceProcess
from duplex_frontend.cascade.voice_wire import Frame, Kind
from duplex_frontend.cascade.voices import VoiceChoice
from duplex_frontend.errors import FrontendError, NoVoice

RATE_HZ = 16_000


class VoiceFailed(FrontendError):
    """A clause could not be spoken, nor could it on a fresh process."""

    def __init__(self, choice: VoiceChoice, why: str) -> None:
        self.choice = choice
        super().__init__(
            f"the voice '{choice}' failed twice on one clause ({why}); the clause is left out. "
            f"If it happens again choose another voice, or install '{choice.engine}' afresh"
        )


def _untold(_why: str) -> None:
    pass


class ChildVoice:
    """A `Voice` whose synthesizer runs in a child process, one for each call. Made by `open`.

    One clause at a time: a second stream waits until the first is over or closed.
    """

    def __init__(self, choice: VoiceChoice, process: VoiceProcess, rate_hz: int, patience_s: float) -> None:
        self._choice, self._rate_hz, self._patience_s = choice, rate_hz, patience_s
        self._process: VoiceProcess | None = process
        self._clause = 0
        self._one_at_a_time = asyncio.Lock()
        self._closed = False
        self.restarted: Callable[[str], None] = _untold
        """Called with the reason whenever the process had to be started again."""

    @classmethod
    async def open(
        cls, choice: VoiceChoice, *, rate_hz: int = RATE_HZ, patience_s: float = PATIENCE_S
    ) -> ChildVoice:
        """Start the voice and wait until it is warm: 0.1 to 0.4 s.

        Args:
            choice: from `choose_voice`.
            rate_hz: of the audio that `stream` gives, whatever the engine makes.
            patience_s: a process that gives nothing for so long within a clause is taken to hang.

        Raises:
            NoVoice: it does not start; the text says why.
        """
        try:
            return cls(choice, await VoiceProcess.start(choice, rate_hz), rate_hz, patience_s)
        except VoiceLost as lost:
            raise NoVoice(f"the voice '{choice}' does not start: {lost}") from lost

    @property
    def rate_hz(self) -> int:
        return self._rate_hz

    @property
    def choice(self) -> VoiceChoice:
        return self._choice

    @property
    def process_id(self) -> int | None:
        """Of the child, None while there is none."""
        return self._process.process_id if self._process else None

    async def stream(self, text: str) -> AsyncGenerator[Pcm, None]:
        """Speak one clause: float32 [n] mono chunks at `rate_hz` as they are made.

        At most 10 ms of silence come before the first sound and 40 ms after the last. Close the generator to
        cancel: the engine stops within about 20 ms of audio, and nothing of the clause comes any more.

        A process that dies is started again and the clause goes on from the sample where it broke off.

        Raises:
            VoiceFailed: that happened twice.
            FrontendError: the voice was closed.
        """
        async with self._one_at_a_time:
            given = 0
            for last_try in (False, True):
                try:
                    async with aclosing(self._speak(text, skip=given)) as chunks:
                        async for chunk in chunks:
                            given += len(chunk)
                            yield chunk
                    return
                except VoiceLost as lost:
                    self._let_go()
                    if self._closed:
                        raise FrontendError(f"the voice '{self._choice}' is closed") from lost
                    if last_try:
                        raise VoiceFailed(self._choice, str(lost)) from lost
                    self.restarted(str(lost))

    async def aclose(self) -> None:
        """End the process. A clause in the making ends with a FrontendError. Safe to call twice."""
        self._closed = True
        process = self._process
        self._let_go()
        if process is not None:
            await process.gone()

    async def _speak(self, text: str, skip: int) -> AsyncGenerator[Pcm, None]:
        """One attempt at a clause, without its first `skip` samples."""
        process = await self._running()
        self._clause += 1
        clause = self._clause
        process.send(Frame(Kind.SPEAK, clause, as_said(text).encode()))
        try:
            while (frame := await process.receive(clause, self._patience_s)).kind is Kind.AUDIO:
                pcm = from_bytes(frame.payload)
                rest, skip = pcm[skip:], max(0, skip - len(pcm))
                if len(rest):
                    yield rest
        finally:
            process.send(Frame(Kind.GIVE_UP, clause))  # means nothing where the clause is over
        if frame.kind is Kind.FAILED:
            raise VoiceLost(frame.payload.decode())

    async def _running(self) -> VoiceProcess:
        if self._closed:
            raise VoiceLost("it was closed")
        if self._process is None:
            self._process = await VoiceProcess.start(self._choice, self._rate_hz)
        return self._process

    def _let_go(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None
