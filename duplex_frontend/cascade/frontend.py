"""The embedded front-end: holds calls, their children and the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import anyio
import numpy as np

from duplex_frontend.cascade.call import CascadeCall
from duplex_frontend.cascade.clock import Clock
from duplex_frontend.cascade.ear_pool import EarPool
from duplex_frontend.cascade.ears import PocketsphinxEars
from duplex_frontend.cascade.line import RATE_HZ, Line
from duplex_frontend.cascade.tuning import Tuning
from duplex_frontend.cascade.vad import SileroVad
from duplex_frontend.cascade.voice import ChildVoice
from duplex_frontend.cascade.voices import VoiceInfo, choose_voice, find_voices
from duplex_frontend.errors import FrontendError, NoSeat
from duplex_frontend.types import Block, Capabilities, Capacity, Persona


@dataclass(frozen=True, slots=True)
class DrivenCall:
    """A call whose clock is turned by the one who opened it, as fast as it will go."""

    call: CascadeCall

    async def exchange(self, block: Block) -> None:
        """The next 20 ms: feed `block`, and wait until it has been listened to and the voice is ready."""
        self.call.feed(block)
        self.call.line.tick(0.0)
        self.call.drain()
        await self.call.settled()
        await asyncio.sleep(0)  # let those who read the call do so


class Cascade:
    """A `DuplexFrontend` that works on a CPU with nothing downloaded. Made by `start`.

    Args:
        seats: calls at once.
        tuning: thresholds where a call brings none of its own.
        voice: for personas that name none.
    """

    def __init__(
        self, seats: int, tuning: Tuning, voice: str, voices: Sequence[VoiceInfo], pool: EarPool
    ) -> None:
        self._seats = seats
        self._tuning = tuning
        self._voice = voice
        self._voices = voices
        self._pool = pool
        self._calls: set[CascadeCall] = set()
        self._opening = 0
        self._clock: Clock | None = None

    @classmethod
    async def start(
        cls, *, seats: int = 4, tuning: Tuning | None = None, voice: str = "", spares: int = 0
    ) -> Cascade:
        """Find the voices of this machine.

        Args:
            spares: pairs of recogniser processes kept ready, so that a call opens half a second sooner.

        Raises:
            NoVoice: there is none; the text says what to install.
        """
        voices = await asyncio.to_thread(find_voices)
        choose_voice(voice, found=voices)
        pool = EarPool(spares)
        pool.fill()  # the first call, or one that comes here from a server that died, waits for nothing
        return cls(seats, tuning or Tuning(), voice, voices, pool)

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            rate_hz=RATE_HZ,
            phrases_itself=False,
            says_exactly=True,
            takes_grammar=True,
            languages=("en-US",),
        )

    @property
    def capacity(self) -> Capacity:
        return Capacity(self._seats, len(self._calls) + self._opening)

    async def open(self, persona: Persona, tuning: Tuning | None = None) -> CascadeCall:
        """See the port. `tuning`: thresholds of this call, the deployment's where None."""
        call = await self._open(persona, tuning or self._tuning)
        if self._clock is None:
            self._clock = Clock(asyncio.get_running_loop(), self._drain)
            self._clock.start()
        self._clock.add(call.line)
        return call

    async def open_driven(self, persona: Persona, tuning: Tuning | None = None) -> DrivenCall:
        """Open a call that nobody's clock turns: for recordings and tests, faster than real time."""
        return DrivenCall(await self._open(persona, tuning or self._tuning))

    async def aclose(self) -> None:
        if self._clock is not None:
            await asyncio.to_thread(self._clock.stop)
            self._clock = None
        for call in tuple(self._calls):
            await call.aclose()
        await self._pool.aclose()

    async def _open(self, persona: Persona, tuning: Tuning) -> CascadeCall:
        if len(self._calls) + self._opening >= self._seats:
            raise NoSeat(self._seats)
        self._opening += 1
        try:
            choice = choose_voice(persona.voice or self._voice, language=persona.language, found=self._voices)
            voice = await ChildVoice.open(choice)
            try:
                call = await self._assemble(persona, tuning, voice)
            except BaseException:
                with anyio.CancelScope(shield=True):
                    await voice.aclose()
                raise
        finally:
            self._opening -= 1
        self._calls.add(call)
        return call

    async def _assemble(self, persona: Persona, tuning: Tuning, voice: ChildVoice) -> CascadeCall:
        call = CascadeCall(
            tuning=tuning,
            line=Line(tuning, SileroVad()),
            voice=voice,
            backchannel=await _spoken(voice, tuning.backchannel.agent_word),
            on_close=self._closed,
        )
        voice.restarted = lambda why: call.on_trouble("voice", why, recovered=True)
        ears = await PocketsphinxEars.start(
            persona.language, call.on_partial, call.on_trouble, tuning.believe_grammar, self._pool
        )
        call.start(ears)
        return call

    def _closed(self, call: CascadeCall) -> None:
        if self._clock is not None:
            self._clock.remove(call.line)
        self._calls.discard(call)

    def _drain(self) -> None:
        for call in tuple(self._calls):
            call.drain()


async def _spoken(voice: ChildVoice, text: str) -> Block:
    """A word made beforehand, float32; silence where the voice fails, for it matters to nobody."""
    try:
        chunks = [chunk async for chunk in voice.stream(text)]
    except FrontendError:
        chunks = []
    return np.concatenate(chunks) * np.float32(0.6) if chunks else np.zeros(0, np.float32)
