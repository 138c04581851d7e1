"""One call on an engine, from the orchestrator's side: 20 ms blocks, whispers, lines and events. No torch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from duplex_frontend.channel import Channel
from duplex_frontend.engine import wire
from duplex_frontend.engine.barge_in import BargeIn, BargeInTuning
from duplex_frontend.engine.caller_sound import CallerSound
from duplex_frontend.engine.client import EngineCall
from duplex_frontend.engine.reply import Replies
from duplex_frontend.engine.turn_tuning import TurnTuning
from duplex_frontend.engine.turns import Moment, Turns
from duplex_frontend.engine.vad import loudness_db, vad_for_call
from duplex_frontend.engine.vocabulary import Vocabulary
from duplex_frontend.engine.whispers import Whispers
from duplex_frontend.engine.words import Heard, HeardWord
from duplex_frontend.types import (
    BLOCK_S,
    AgentStarted,
    AgentStopped,
    AgentWords,
    Block,
    CallerTurn,
    Exchange,
    Expected,
    FrontendEvent,
    Impaired,
    Prompt,
)

AUDIO_QUEUE = 250  # exchanges that nobody read: 5 s
EVENT_QUEUE = 2000
_HUSHED_FRAMES = 125  # 10 s; the caller's turn ends it sooner
_HOLD_FRAMES = 5
_SILENT = 0.35  # probability of speech below which the caller has fallen silent


class Speech(StrEnum):
    """Who chooses the agent's words."""

    LINES = "lines"  # the replies' lines, word for word, and nothing else
    BETWEEN = "between"  # the same; between them the model says what it likes
    OWN = "own"  # the model, from its role; only exact lines, and those that must be finished, word for word


@dataclass(frozen=True, slots=True)
class Manner:
    """How a call is held. reads_roles: its model does. stt_delay_s: None where the engine does not transcribe."""

    speech: Speech
    turns: TurnTuning
    barge_in: BargeInTuning
    stt_delay_s: float | None = None
    reads_roles: bool = True


class EngineDuplexCall:
    """A `DuplexCall`. Made by `PersonaPlex.open`.

    Args:
        on_close: called once, when the call is over.

    Attributes:
        starved, skipped: frames that lacked some of the caller's sound, and samples of it that were left out.
    """

    def __init__(
        self,
        seat: EngineCall,
        vocabulary: Vocabulary,
        manner: Manner,
        on_close: Callable[[EngineDuplexCall], None],
    ) -> None:
        self._seat, self._vocabulary, self._manner = seat, vocabulary, manner
        self._on_close = on_close
        self._turns = Turns(stt_delay_s=manner.stt_delay_s, tuning=manner.turns)
        self._barge_in = BargeIn(manner.barge_in, manner.turns.backchannel)
        self._vad = vad_for_call()
        self._replies = Replies()
        self._sound = CallerSound()
        self._audio: Channel[Exchange] = Channel(AUDIO_QUEUE)
        self._events: Channel[FrontendEvent] = Channel(EVENT_QUEUE)
        self._whispers = Whispers(reads_roles=manner.reads_roles)
        self._speaking = False
        self._deferred: Prompt | None = None
        self._now_s = 0.0
        self._spoke = False
        self._closed = False
        self.starved = self.skipped = 0
        self._following = asyncio.create_task(self._follow(), name="engine-call")

    @property
    def in_force(self) -> int:
        """Revision of the role that the model reads now; -1 for the persona's own."""
        return self._whispers.in_force

    # --- the port ---

    def feed(self, block: Block) -> None:
        samples = wire.BLOCK_SAMPLES
        if not isinstance(block, np.ndarray) or block.dtype != np.float32 or block.shape != (samples,):
            shape = getattr(block, "shape", None)
            raise ValueError(f"a block is float32 [{samples}] (20 ms at {wire.RATE_HZ} Hz), not {shape}")
        clean = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
        if not self._closed and self._seat.sound(clean):
            self._sound.sent(clean)

    def audio(self) -> AsyncIterator[Exchange]:
        return aiter(self._audio)

    async def events(self) -> AsyncIterator[FrontendEvent]:
        async for event in self._events:
            yield event
        if self._seat.lost is not None and not self._closed:
            raise self._seat.lost

    def whisper(self, prompt: Prompt) -> None:
        if self._closed:
            return
        if self._whispers.give(prompt, self._now_s):
            self._send_role()
            if self._replies.must_finish:
                self._deferred = prompt
            else:
                self._reply(prompt)
        self._tell_receipts()

    def expect(self, expected: Expected) -> None:
        self._turns.expect(expected.judge)

    def hush(self) -> None:
        if not self._closed:
            self._be_silent()

    async def aclose(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._on_close(self)
        try:
            await self._seat.aclose()
            self._following.cancel()
            await asyncio.wait([self._following])
        finally:
            self._tell(self._turns.close())
            self._audio.close()
            self._events.close()

    # --- speaking ---

    def _reply(self, prompt: Prompt) -> None:
        own = self._manner.speech is Speech.OWN
        exact = (line for line in prompt.reply if line.exact or not line.interruptible)
        lines = tuple(exact) if own else prompt.reply
        given = self._replies.give(lines)
        if given is not None:
            number, words = given
            self._turns.line(number, words, prompt.revision)
            self._seat.say(number, words)

    def _send_role(self) -> None:
        """Have the newest role read, unless the agent is in the middle of a sentence."""
        prompt = self._whispers.due(self._now_s, speaking=self._speaking)
        if prompt is not None:
            self._seat.whisper(prompt.revision, prompt.role, prompt.expires_s)

    def _tell_receipts(self) -> None:
        for receipt in self._whispers.told():
            self._events.put(receipt)

    def _be_silent(self) -> None:
        self._deferred = None
        self._replies.forget()
        self._seat.hush(_HUSHED_FRAMES)
        self._tell(self._turns.hush())

    def _tell(self, events: list[FrontendEvent]) -> None:
        for event in events:
            self._events.put(event)
            if isinstance(event, AgentStarted | AgentStopped):
                self._speaking = isinstance(event, AgentStarted)
            elif isinstance(event, AgentWords):  # a sentence's end is a boundary
                self._speaking = not event.text.endswith((".", "?", "!"))
            if isinstance(event, CallerTurn) and self._manner.speech is not Speech.LINES:
                self._seat.hush(0)
                self._seat.hold(_HOLD_FRAMES)

    # --- what the engine tells ---

    async def _follow(self) -> None:
        try:
            async for message, body in self._seat.news:
                self._take(message, body)
        finally:
            if not self._closed:  # the engine is gone, or has ended the call
                self._on_close(self)
                self._tell(self._turns.close())
                self._audio.close()
                self._events.close()

    def _take(self, message: wire.Message, body: bytes) -> None:
        match message:
            case wire.Frame():
                self._take_frame(message, body)
            case wire.LineOver():
                self._take_end(message)
            case wire.Receipt():
                self._take_receipt(message)
            case wire.Opened():
                self._sound.resume(message.received)
            case wire.Fault():
                self._impaired("engine", message.text)

    def _take_frame(self, frame: wire.Frame, body: bytes) -> None:
        heard = self._sound.heard(frame.sound_from, frame.sound)
        said = _sound(body)
        at_s = frame.number * wire.FRAME_S
        self._now_s = at_s + wire.FRAME_S
        self.starved += frame.sound < wire.FRAME_SAMPLES
        self.skipped += frame.skipped
        self._replies.spoken(frame.line, frame.spoken)
        silent = self._manner.speech is Speech.LINES and not self._replies.sounds(frame.line)
        if silent:  # what a codec makes of no words is not meant to be heard
            said = np.zeros_like(said)
        speech = self._vad.feed(heard)
        words = _heard(frame.heard)
        moment = Moment(
            frame=frame.number,
            caller_speech=speech,
            agent_db=loudness_db(said),
            piece="" if silent else self._vocabulary.piece(frame.token),
            heard=words,
            line=frame.line,
            spoken=frame.spoken,
            revision=self._whispers.in_force,
        )
        self._pass_on(heard, said, at_s, frame.late_ms)
        self._tell(self._turns.feed(moment))
        self._send_role()
        self._tell_receipts()
        saying = frame.line is not None and self._replies.interruptible
        if self._barge_in.feed(speech, words, saying=saying):
            self._be_silent()
        self._hold_onset(speech)

    def _pass_on(self, heard: Block, said: Block, at_s: float, late_ms: float) -> None:
        for n in range(0, wire.FRAME_SAMPLES, wire.BLOCK_SAMPLES):
            part = slice(n, n + wire.BLOCK_SAMPLES)
            start_s = at_s + n // wire.BLOCK_SAMPLES * BLOCK_S
            self._audio.put(Exchange(heard[part], said[part], start_s, late_ms))

    def _hold_onset(self, speech: float) -> None:
        """The model answers within a frame of the caller's silence: before anybody has thought."""
        spoke, self._spoke = self._spoke, speech >= _SILENT
        if spoke and not self._spoke and self._manner.speech is not Speech.LINES:
            self._seat.hold(_HOLD_FRAMES)

    def _take_end(self, over: wire.LineOver) -> None:
        if over.left_out:
            count = len(over.left_out)
            self._impaired("voice", f"{count} words of a line cannot be written with the model's vocabulary")
        if over.started == 0 and not over.stopped:  # nothing of it could be said
            self._tell(self._turns.hush())
        if self._replies.over(over.line) and self._deferred is not None:
            prompt, self._deferred = self._deferred, None
            self._reply(prompt)

    def _take_receipt(self, receipt: wire.Receipt) -> None:
        self._whispers.settled(receipt, self._now_s)
        if receipt.outcome is wire.Outcome.REFUSED:
            self._impaired("prompt", receipt.text)
        self._tell_receipts()

    def _impaired(self, part: str, why: str) -> None:
        self._events.put(Impaired(part, why, recovered=False, at_s=self._now_s))


def _sound(body: bytes) -> Block:
    """The agent's sound of a frame, float32 [1920]; silence where it was left out or is of another size."""
    if len(body) != 4 * wire.FRAME_SAMPLES:
        return np.zeros(wire.FRAME_SAMPLES, np.float32)
    return np.nan_to_num(np.frombuffer(body, "<f4").astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)


def _heard(heard: wire.Heard | None) -> Heard | None:
    if heard is None:
        return None
    words = tuple(HeardWord(w.text, w.start_s, w.end_s, w.confidence) for w in heard.words)
    return Heard(words, heard.pauses)
