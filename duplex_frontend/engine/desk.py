"""What is asked for over the wire, made ready for the clock: roles and words become tokens, voices prompts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from duplex_frontend.engine import wire
from duplex_frontend.engine.errors import EngineError
from duplex_frontend.engine.prompt import Prompt, Voice, wrapped
from duplex_frontend.engine.sampling import Sampling
from duplex_frontend.engine.seats import MOST_ORDERS, LineDone, Played, RoleDone, Seating, Words
from duplex_frontend.engine.spelling import spelled
from duplex_frontend.engine.stage import Stage

MOST_LINES = 2 * MOST_ORDERS  # of a call, whose words are remembered


class UnknownVoice(EngineError):
    """The engine has no voice of this name."""


class NotServed(EngineError):
    """This model cannot hold such a call."""


@dataclass(frozen=True, slots=True)
class Served:
    """A loaded engine.

    Attributes:
        encode: text to token ids.
        vocabulary: the SentencePiece model, as in its file.
        voices: by name; the first is for calls that name none.
        hears_after_s: of the recogniser.
    """

    stage: Stage
    family: wire.Flavour
    window: int
    encode: Callable[[str], Sequence[int]]
    vocabulary: bytes
    voices: Mapping[str, Voice] = field(default_factory=dict)
    hears_after_s: float = 0.0

    def seating(self, asked: wire.Open) -> Seating:
        """Raises UnknownVoice, NotServed."""
        prompt = Prompt()
        if asked.flavour is wire.Flavour.PERSONAPLEX:
            if self.family is wire.Flavour.MOSHI:
                raise NotServed(
                    "this engine serves Moshi, which reads no voice and no role; ask for flavour 'moshi'"
                )
            prompt = Prompt(self.voice(asked.voice), self.role(asked.role))
        return Seating(Sampling(**asked.draws.model_dump()), prompt, asked.revision, asked.quiet)

    def voice(self, name: str) -> Voice | None:
        if not name:
            return next(iter(self.voices.values()), None)
        try:
            return self.voices[name]
        except KeyError:
            raise UnknownVoice(
                f"the engine has no voice '{name[:80]}'; it has {', '.join(self.voices) or 'none'}; "
                "more are .pt files or recordings of 3 to 30 s in its folder of voices"
            ) from None

    def role(self, text: str) -> tuple[int, ...]:
        return wrapped(text, self.encode)


@dataclass(frozen=True, slots=True)
class Spelled:
    """A line as tokens, and which of its words those are; no tokens where the vocabulary can write none."""

    order: Words
    kept: tuple[int, ...]
    left_out: tuple[int, ...]


def spell(asked: wire.Say, encode: Callable[[str], Sequence[int]]) -> Spelled:
    tokens = [spelled(word, encode) for word in asked.words]
    kept = tuple(i for i, word in enumerate(tokens) if word)
    left_out = tuple(i for i, word in enumerate(tokens) if not word)
    return Spelled(Words(asked.line, tuple(tokens[i] for i in kept)), kept, left_out)


@dataclass(slots=True)
class Desk:
    """One call's side of it: what its lines were.

    Attributes:
        prompt: that it began with.
    """

    prompt: Prompt
    _lines: dict[int, Spelled] = field(default_factory=dict)

    def ordered(self, line: Spelled) -> None:
        """It will be said, or broken off; its words are called by the client's own numbers."""
        self._lines[line.order.line] = line
        while len(self._lines) > MOST_LINES:
            del self._lines[next(iter(self._lines))]

    def _kept(self, line: int | None) -> tuple[int, ...]:
        known = self._lines.get(line) if line is not None else None
        return known.kept if known is not None else ()

    # --- news as messages ---

    def frame(self, call: int, news: Played) -> wire.Frame:
        heard = None
        if news.heard is not None:
            words = tuple(
                wire.HeardWord(text=w.text, start_s=w.start_s, end_s=w.end_s, confidence=w.confidence)
                for w in news.heard.words
            )
            heard = wire.Heard(words=words, pauses=news.heard.pauses)
        kept = self._kept(news.line)
        return wire.Frame(
            call=call,
            number=news.number,
            token=news.token,
            heard=heard,
            sound_from=news.sound_from,
            sound=news.sound_taken,
            late_ms=round(news.late_ms, 2),
            line=news.line,
            spoken=tuple(kept[i] for i in news.spoken if i < len(kept)),
            skipped=news.skipped,
        )

    def line_over(self, call: int, news: LineDone) -> wire.LineOver:
        ended = news.ended
        kept, known = self._kept(ended.line), self._lines.get(ended.line)
        return wire.LineOver(
            call=call,
            line=ended.line,
            spoken=kept[ended.spoken - 1] + 1 if ended.spoken else 0,
            started=kept[ended.started - 1] + 1 if ended.started else 0,
            left_out=known.left_out if known is not None else (),
            stopped=ended.stopped,
            frame=news.frame,
        )

    def receipt(self, call: int, news: RoleDone) -> wire.Receipt:
        outcome = wire.Outcome.REFUSED if news.outcome is None else wire.Outcome(news.outcome.value)
        return wire.Receipt(
            call=call, revision=news.revision, outcome=outcome, frame=news.frame, text=news.why
        )
