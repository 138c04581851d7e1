"""Who holds the floor: turns, pauses, overlaps, interruptions, backchannels. Pure; fed with the audio's own time.

The tracker is told who can be heard in each block, and what others have found out about an overlap: that it was
a backchannel, or that the agent gave way. Terms as in Full-Duplex-Bench (arXiv 2503.04721).
"""

from __future__ import annotations

from dataclasses import dataclass

from duplex_frontend.types import FloorChanged, FloorReason, Party


@dataclass(slots=True)
class FloorTracker:
    """Feed it every block; it answers with what changed.

    Attributes:
        pause_s: the holder's silence after which the floor is free.
    """

    pause_s: float = 0.25
    holder: Party | None = None
    since_s: float = 0.0
    _last_heard_s: float = 0.0
    _overlapping: bool = False

    def feed(self, at_s: float, *, caller: bool, agent: bool) -> tuple[FloorChanged, ...]:
        """Say who can be heard in the block that begins at `at_s`."""
        active = {Party.CALLER: caller, Party.AGENT: agent}
        if self.holder is None:
            return self._take(at_s, active)
        other = _other(self.holder)
        if active[self.holder]:
            self._last_heard_s = at_s
            return self._overlap(at_s, other, active[other])
        if active[other]:
            # The holder has fallen silent under the other's voice: the floor has passed over.
            reason = FloorReason.INTERRUPTION if self._overlapping else FloorReason.TURN
            return self._pass(at_s, other, reason)
        if at_s - self._last_heard_s >= self.pause_s:
            by, self.holder, self.since_s, self._overlapping = self.holder, None, at_s, False
            return (FloorChanged(None, FloorReason.PAUSE, by, at_s),)
        return ()

    def backchannel(self, by: Party, at_s: float) -> tuple[FloorChanged, ...]:
        """What `by` just said was a backchannel: the floor stays where it was before."""
        self._overlapping = False
        if self.holder is by:
            self.holder, self.since_s, self._last_heard_s = _other(by), at_s, at_s
        return (FloorChanged(self.holder, FloorReason.BACKCHANNEL, by, at_s),)

    def _take(self, at_s: float, active: dict[Party, bool]) -> tuple[FloorChanged, ...]:
        # Where both begin in the same block the caller has it: people come first.
        for party in (Party.CALLER, Party.AGENT):
            if active[party]:
                return self._pass(at_s, party, FloorReason.TURN)
        return ()

    def _pass(self, at_s: float, to: Party, reason: FloorReason) -> tuple[FloorChanged, ...]:
        self.holder, self.since_s, self._last_heard_s, self._overlapping = to, at_s, at_s, False
        return (FloorChanged(to, reason, to, at_s),)

    def _overlap(self, at_s: float, other: Party, speaking: bool) -> tuple[FloorChanged, ...]:
        if speaking and not self._overlapping:
            self._overlapping = True
            return (FloorChanged(self.holder, FloorReason.OVERLAP, other, at_s),)
        if not speaking:
            self._overlapping = False
        return ()


def _other(party: Party) -> Party:
    return Party.AGENT if party is Party.CALLER else Party.CALLER
