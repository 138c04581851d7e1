"""The agent's half of a call: when it speaks, which words have gone out, and how far an exact line came. Pure.

It speaks in frames that can be heard and are not long after a piece of a word: a model may hum, and a codec has
noise. A *spurt* is what it says without a pause; it has one revision, that of its beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from duplex_frontend.engine.turn_tuning import AgentTuning
from duplex_frontend.engine.words import FRAME_S, Word, WordAssembler
from duplex_frontend.types import AgentWords

MOST_LINES = 16  # given and not begun


@dataclass(slots=True)
class Line:
    """Words that were given to be said as they stand."""

    words: tuple[str, ...]
    revision: int
    spoken: int = 0
    running: bool = False

    @property
    def unspoken(self) -> str:
        return " ".join(self.words[self.spoken :])


@dataclass(slots=True)
class Spurt:
    """What the agent is saying.

    Attributes:
        start_s, end_s: first and last that could be heard, so far.
        words: that nobody was told of.
        said: all words so far, at most a few; what tells a backchannel from a reply.
    """

    revision: int
    start_s: float
    end_s: float
    words: list[AgentWords] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


class AgentSide:
    """Feed it every frame.

    Attributes:
        spurt: that goes on, None while the agent is silent.
        sounding: the agent can be heard to speak in the newest frame.
        now_s: end of the newest frame.
    """

    def __init__(self, tuning: AgentTuning) -> None:
        self._tuning = tuning
        self.spurt: Spurt | None = None
        self.sounding = False
        self.now_s = 0.0
        self._lines: dict[int, Line] = {}
        self._line: Line | None = None  # that the newest spurt says
        self._number: int | None = None
        self._assembler = WordAssembler()
        self._word: Word | None = None  # complete, but it may still sound
        self._piece_s: float | None = None  # end of the newest frame with a piece
        self._told_s = 0.0  # end of the last word

    def line(self, number: int, words: Sequence[str], revision: int) -> None:
        """A line was given. It is heard of again once a frame says that it is being said."""
        self._lines[number] = Line(tuple(words), revision)
        while len(self._lines) > MOST_LINES:
            self._lines.pop(next(iter(self._lines)))

    @property
    def pending(self) -> Line | None:
        """The newest line that was given and of which nothing has been said."""
        return next(reversed(self._lines.values()), None)

    @property
    def saying(self) -> Line | None:
        """The line that the newest words belong to."""
        return self._line

    def another_line(self, number: int | None) -> bool:
        """Whether a frame belongs to a line that was not being said before: the old spurt ends."""
        return number is not None and number != self._number and number in self._lines

    def feed(
        self, at_s: float, loud_db: float, piece: str, line: int | None, spoken: Sequence[int], revision: int
    ) -> None:
        """Take a frame that begins at `at_s`. End the spurt first where it is of `another_line`."""
        self.now_s = at_s + FRAME_S
        self._follow_line(line)
        self._hear_piece(at_s, piece)
        self._confirm(spoken)
        since_s = None if self._piece_s is None else self.now_s - self._piece_s
        done = self._line is not None and not self._line.running
        limit_s = self._tuning.tail_s if done else self._tuning.wordless_s
        self.sounding = loud_db >= self._tuning.loud_db and since_s is not None and since_s <= limit_s + 1e-6
        if self.sounding:
            self._sound(at_s, revision)
        self._settle_word(at_s)

    def over(self, *, caller_speaks: bool) -> bool:
        """Whether the spurt has ended."""
        if self.spurt is None or (self._line is not None and self._line.running):
            return False
        needed_s = self._tuning.give_way_s if caller_speaks else self._tuning.pause_s
        return self.now_s - self.spurt.end_s >= needed_s - 1e-6

    def take(self) -> Spurt:
        """The spurt is over; all its words are told. Ask before what it was `saying`."""
        assert self.spurt is not None
        spurt, unspoken = self.spurt, self._line.unspoken if self._line is not None else ""
        cut = self._assembler.open
        rest = self._assembler.flush()
        if self._word is not None:
            self._tell(spurt, self._word, min(self._longest(self._word), spurt.end_s))
        # A word of a line that broke off in the middle belongs to what was not said.
        if rest is not None and not (unspoken and unspoken.startswith(cut)):
            self._tell(spurt, rest, min(self._longest(rest), spurt.end_s))
        self.forget()
        return spurt

    def forget(self) -> None:
        """Nothing is being said, nor was anything given."""
        self._assembler.flush()
        self.spurt = self._word = self._piece_s = self._line = None
        self.sounding = False

    def forget_lines(self) -> None:
        """No line that was given will be said."""
        self._lines.clear()

    def _follow_line(self, number: int | None) -> None:
        if number != self._number and self._line is not None:
            self._line.running = False
        if number is not None and number in self._lines:
            self._line = self._lines.pop(number)
            self._line.running = True
            for older in [n for n in self._lines if n < number]:
                del self._lines[older]
        self._number = number

    def _hear_piece(self, at_s: float, piece: str) -> None:
        ended = self._assembler.feed(piece, at_s)
        if piece:
            self._piece_s = at_s + FRAME_S
            if self._line is not None and not self._line.unspoken:
                self._line = None  # it was said, and the model goes on by itself
            if self._word is not None:
                self._finish(min(at_s, self._longest(self._word)))
        if ended is not None:
            self._word = ended
            if piece:  # the next has begun with it
                self._finish(at_s)

    def _confirm(self, spoken: Sequence[int]) -> None:
        line = self._line
        if line is None:
            return
        for index in spoken:
            if not 0 <= index < len(line.words):
                continue
            line.spoken = max(line.spoken, index + 1)
            self._assembler.rename(line.words[index])  # its last piece came in this very frame
        if line.spoken == len(line.words):
            line.running = False

    def _sound(self, at_s: float, revision: int) -> None:
        if self.spurt is None:
            own = self._line.revision if self._line is not None else revision
            self.spurt = Spurt(own, at_s, self.now_s)
        self.spurt.end_s = self.now_s

    def _settle_word(self, at_s: float) -> None:
        """A word after which none begins ends by itself."""
        if self._word is not None and at_s >= self._longest(self._word) - 1e-6:
            self._finish(self._longest(self._word))

    def _finish(self, end_s: float) -> None:
        word, self._word = self._word, None
        if word is not None and self.spurt is not None:  # else it was never heard
            self._tell(self.spurt, word, min(end_s, max(self.spurt.end_s, word.start_s)))

    def _tell(self, spurt: Spurt, word: Word, end_s: float) -> None:
        start_s = max(word.start_s, spurt.start_s, self._told_s)
        self._told_s = max(start_s, end_s)
        spurt.words.append(AgentWords(word.text, spurt.revision, start_s, self._told_s))
        if len(spurt.said) < 8:
            spurt.said.append(word.text)

    def _longest(self, word: Word) -> float:
        return max(word.end_s, word.start_s + self._tuning.longest_word_s)
