"""A double of a front-end's call: the test says what happens on the line, and reads what was whispered."""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np

from duplex_frontend.channel import Channel
from duplex_frontend.types import (
    AgentStarted,
    AgentStopped,
    AgentWords,
    Block,
    CallerTurn,
    Exchange,
    Expected,
    FrontendEvent,
    Hypothesis,
    Prompt,
    Source,
)


class DoubleOfADuplexCall:
    """Speaks the DuplexCall port. Time stands still but for what the test says."""

    def __init__(self) -> None:
        self.prompts: list[Prompt] = []
        self.expected: list[Expected] = []
        self.hushed = 0
        self.closed = False
        self.now_s = 0.0
        self._audio: Channel[Exchange] = Channel(100)
        self._events: Channel[FrontendEvent] = Channel(100)

    # the port

    def feed(self, block: Block) -> None:
        raise AssertionError("no audio goes through this double")

    def audio(self) -> AsyncIterator[Exchange]:
        return aiter(self._audio)

    def events(self) -> AsyncIterator[FrontendEvent]:
        return aiter(self._events)

    def whisper(self, prompt: Prompt) -> None:
        self.prompts.append(prompt)

    def expect(self, expected: Expected) -> None:
        self.expected.append(expected)

    def hush(self) -> None:
        self.hushed += 1

    async def aclose(self) -> None:
        self.closed = True
        self._audio.close()
        self._events.close()

    # the test's side

    def happen(self, event: FrontendEvent) -> None:
        self._events.put(event)

    def hear(self, text: str, confidence: float = 0.9) -> None:
        """The caller says `text` in a turn of a second."""
        self.now_s += 2.0
        heard = (Hypothesis(text, confidence, Source.GRAMMAR), Hypothesis(text, confidence, Source.OPEN))
        self.happen(CallerTurn(heard, self.now_s - 1.0, self.now_s, self.now_s + 0.3))

    def speak(self, unspoken: str = "") -> None:
        """The newest reply is spoken; `unspoken`: its end that an interruption cut off."""
        prompt = self.prompts[-1]
        said = " ".join(line.text for line in prompt.reply).removesuffix(unspoken).strip()
        self.happen(AgentStarted(prompt.revision, self.now_s + 0.5))
        self.happen(AgentWords(said, prompt.revision, self.now_s + 0.5, self.now_s + 1.5))
        self.now_s += 1.5
        self.happen(AgentStopped(prompt.revision, self.now_s, bool(unspoken), unspoken))

    def pass_time(self, seconds: float) -> None:
        """Silence goes both ways; at its end the call's clock stands at `now_s`."""
        self.now_s += seconds
        silence = np.zeros(320, np.float32)
        self._audio.put(Exchange(silence, silence, self.now_s))

    @property
    def said_last(self) -> str:
        return " ".join(line.text for line in self.prompts[-1].reply)
