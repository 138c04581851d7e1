"""The ports of a speech system. Every adapter runs the same conformance suite."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from duplex_frontend.types import (
    Block,
    Capabilities,
    Capacity,
    Exchange,
    Expected,
    FrontendEvent,
    Hypothesis,
    Persona,
    Prompt,
)


class DuplexCall(Protocol):
    """One call on a front-end. The front-end owns the clock; nothing here ever waits for thought."""

    def feed(self, block: Block) -> None:
        """Give 20 ms of the caller's audio. Never blocks; of more than a second unconsumed the oldest goes.

        Args:
            block: float32 [samples], mono, 20 ms at `Capabilities.rate_hz`. NaN is heard as silence.

        Raises:
            ValueError: wrong shape or type.
        """
        ...

    def audio(self) -> AsyncIterator[Exchange]:
        """Each 20 ms of the call as it happens: heard and said, aligned. Ends with the call. One reader."""
        ...

    def events(self) -> AsyncIterator[FrontendEvent]:
        """What happens in the call, in order. Ends with the call. One reader.

        Raises:
            EngineLost: the speech system behind the call is gone.
        """
        ...

    def whisper(self, prompt: Prompt) -> None:
        """Go on with this. The newest wins; one older than the last given, or expired, is dropped.

        A WhisperReceipt tells what became of each. One that failed may be given again with the same revision. Nothing
        is applied while the agent is in the middle of a sentence unless the prompt says so; a voice that reads lines
        begins with the new ones at once, since the newest wins.
        """
        ...

    def expect(self, expected: Expected) -> None:
        """Tell what the caller may say next. Takes effect with the next utterance."""
        ...

    def hush(self) -> None:
        """Stop speaking at once, as if the caller had interrupted."""
        ...

    async def aclose(self) -> None:
        """Hang up and free the place. Safe to call twice."""
        ...


class DuplexFrontend(Protocol):
    """A speech system that holds calls."""

    @property
    def capabilities(self) -> Capabilities: ...

    @property
    def capacity(self) -> Capacity: ...

    async def open(self, persona: Persona) -> DuplexCall:
        """Take a place for a call and start its clock.

        Raises:
            NoSeat: full; said at once.
            EngineLost: the speech system does not answer.
            NoVoice: nothing on this machine can speak.
        """
        ...

    async def aclose(self) -> None:
        """End all calls and every process that was started."""
        ...


class Transcriber(Protocol):
    """Words out of one party's speech, utterance by utterance. Audio is int16 little-endian mono at 16 kHz.

    A transcriber whose process dies starts it again by itself and goes on with the audio that follows; the
    utterance that was lost ends with what the other ear heard, or with nothing.
    """

    def expect(self, expected: Expected) -> None:
        """What may come next; used from the next `begin` on. A grammar that does not compile is left out."""
        ...

    def begin(self) -> None:
        """An utterance starts."""
        ...

    def feed(self, pcm: bytes) -> None:
        """More of the utterance. Never blocks. New partial words are handed to the callback given at start."""
        ...

    async def end(self) -> tuple[Hypothesis, ...]:
        """The utterance is over: what was said, best first; empty where nothing could be made of it."""
        ...

    def cancel(self) -> None:
        """Forget the utterance."""
        ...

    async def settled(self) -> None:
        """Return when all audio given so far has been listened to. For faster than real time."""
        ...

    async def aclose(self) -> None: ...


class Voice(Protocol):
    """Speech from text."""

    @property
    def rate_hz(self) -> int: ...

    def stream(self, text: str) -> AsyncGenerator[NDArray[np.float32], None]:
        """Speak one clause: float32 mono chunks as they are made, leading silence trimmed. Close to cancel.

        Raises:
            FrontendError: the synthesizer failed twice in a row.
        """
        ...

    async def aclose(self) -> None: ...
