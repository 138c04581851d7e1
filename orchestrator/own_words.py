"""What the agent itself says, as it is played: put together reply by reply, until it can be judged."""

from __future__ import annotations

from collections import deque

from duplex_frontend.types import (
    OWN_EAR,
    AgentHeard,
    AgentStarted,
    AgentStopped,
    AgentWords,
    CallerTurn,
    Capabilities,
    Impaired,
)
from flows.schema import Flow
from flows.steering import Means
from reasoner.acts import Disclose
from reasoner.adherence import hear, untrue
from reasoner.events import AgentSpoke
from reasoner.state import GoalState
from reasoner.types import Spoken

HEARD_WITHIN_S = 1.5
"""The ear on the agent's own voice has this long after the last sample."""
MOST_WORDS = 600  # pieces of the newest replies


class OwnWords:
    """Of one call. Changes nothing: the events that it gives are the session's to commit.

    Args:
        capabilities: of the front-end; None for one that reads what it is given.

    Attributes:
        phrases: the voice phrases its own words, so it may also say nothing.
        speaking, caller_speaks: who does, as far as the front-end has told.
        answered: the agent has begun to speak since the newest whisper.
    """

    def __init__(self, flow: Flow, capabilities: Capabilities | None = None) -> None:
        self.phrases = capabilities is not None and capabilities.phrases_itself
        self.speaking = self.caller_speaks = self.answered = False
        self._hears = capabilities is not None and capabilities.hears_itself
        self._flow = flow
        self._words: deque[AgentWords] = deque(maxlen=MOST_WORDS)
        self._heard: deque[AgentHeard] = deque(maxlen=8)
        self._waiting: tuple[AgentStopped, int] | None = None  # for the ear, and the reply that it counts for
        self._turn_s: float | None = None  # end of the caller's last turn
        self._whispered = 0

    # --- what happens ---

    def whispered(self, revision: int) -> None:
        """This reply is to be said now."""
        self._whispered, self.answered = revision, False

    def turn(self, turn: CallerTurn) -> None:
        self.caller_speaks, self._turn_s = False, turn.end_s

    def began(self, started: AgentStarted) -> None:
        self.speaking = self.answered = True

    def words(self, words: AgentWords, state: GoalState) -> AgentSpoke | None:
        """More words. An event where what was said so far has to be broken off."""
        self._words.append(words)
        means, tried = self._flow.steering.untrue, state.adherence.untrue
        if not self.phrases or words.revision != state.acts_revision or state.outcome is not None:
            return None
        if tried < len(means) and means[tried] is not Means.INTERRUPT:
            return None
        said = self._said(words.revision, words.revision)
        event = _event(said, words.revision, words.end_s, over=False)
        return event if any(untrue(hear(self._flow, state, event))) else None

    def stopped(self, stopped: AgentStopped) -> AgentSpoke | None:
        """The agent has fallen silent. What it said; None while the ear is still listening to it."""
        self.speaking = False
        counts_for = self._counts_for(stopped)
        if self._hears:
            self._waiting = stopped, counts_for
            return None
        return self._spoke(stopped, counts_for, None, 1.0)

    def heard(self, heard: AgentHeard) -> AgentSpoke | None:
        """What the ear made of it."""
        self._heard.append(heard)
        if self._waiting is None or self._waiting[0].revision != heard.revision:
            return None
        (stopped, counts_for), self._waiting = self._waiting, None
        if self.speaking:  # the answer of its own is followed by what was whispered
            counts_for = stopped.revision
        mine = [one for one in self._heard if one.revision == heard.revision]
        sure = min(one.confidence for one in mine)
        return self._spoke(stopped, counts_for, " ".join(one.text for one in mine), sure)

    def not_heard(self, stopped: AgentStopped, state: GoalState) -> AgentSpoke | None:
        """The ear has not answered in time. What has to be proven by it is not; None where it did answer."""
        if self._waiting is None or self._waiting[0] is not stopped:
            return None
        (_, counts_for), self._waiting = self._waiting, None
        has_to_be = self._hears and any(isinstance(act, Disclose) for act in state.acts)
        return self._spoke(stopped, counts_for, "" if has_to_be else None, 0.0 if has_to_be else 1.0)

    def impaired(self, impaired: Impaired) -> None:
        """Without its ear the agent's text is all that there is."""
        if impaired.part == OWN_EAR and not impaired.recovered:
            self._hears = False

    # --- put together ---

    def _counts_for(self, stopped: AgentStopped) -> int:
        """The reply that was answered: a voice may begin before its whisper, and that is its answer all the same."""
        said = [w for w in self._words if w.revision == stopped.revision]
        early = (
            stopped.revision < self._whispered
            and not stopped.interrupted
            and bool(said)
            and self._turn_s is not None
            and said[-1].start_s >= self._turn_s
        )
        return self._whispered if early else stopped.revision

    def _said(self, revision: int, counts_for: int) -> list[AgentWords]:
        after_s = self._turn_s if counts_for != revision and self._turn_s is not None else -1.0
        return [w for w in self._words if w.revision == revision and w.start_s >= after_s]

    def _spoke(self, stopped: AgentStopped, counts_for: int, heard: str | None, sure: float) -> AgentSpoke:
        said = self._said(stopped.revision, counts_for)
        return _event(
            said, counts_for, stopped.at_s, stopped.unspoken, stopped.interrupted, heard=heard, sure=sure
        )


def _event(
    said: list[AgentWords],
    revision: int,
    end_s: float,
    unspoken: str = "",
    cut: bool = False,
    *,
    over: bool = True,
    heard: str | None = None,
    sure: float = 1.0,
) -> AgentSpoke:
    return AgentSpoke(
        text=" ".join(w.text for w in said),
        revision=revision,
        start_s=said[0].start_s if said else end_s,
        end_s=end_s,
        unspoken=unspoken,
        cut=cut,
        words=tuple(Spoken(w.text, w.start_s, w.end_s) for w in said),
        heard=heard,
        heard_confidence=sure,
        over=over,
    )
