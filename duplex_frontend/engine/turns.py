"""From what each frame of a call showed to what happened in it: turns, barge-in, backchannels, who has the floor.

Pure; every time is of the call's own clock, and no event tells of anything later than the frame that made it
known. What was only a backchannel is known when it is over, so the agent's start is told late where it begins
over the caller: the time in it is that of the sound.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from duplex_frontend.engine.agent_side import AgentSide, Spurt
from duplex_frontend.engine.caller_side import CallerSide, Utterance
from duplex_frontend.engine.turn_tuning import TurnTuning
from duplex_frontend.engine.vad import SILENCE_DB
from duplex_frontend.engine.words import FRAME_S, Heard
from duplex_frontend.floor import FloorTracker
from duplex_frontend.types import (
    AgentStarted,
    AgentStopped,
    CallerBackchannel,
    CallerPartial,
    CallerSilent,
    CallerTurn,
    Completeness,
    FloorChanged,
    FrontendEvent,
    Party,
    cannot_tell,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """One frame of one call: 80 ms, from `frame * 0.08` s on.

    Attributes:
        frame: of the call's own clock, growing; a number that is left out was lost.
        caller_speech: probability 0..1 that the caller speaks in it (see `engine/vad.py`).
        agent_db: loudness of the agent's sound that goes out in it, dBFS (see `vad.loudness_db`).
        piece: the agent's text of this frame, a piece with its leading space or "▁"; "" for none.
        heard: by the recogniser, or None where none is loaded.
        line: the exact line that is being said, by the number that `Turns.line` was given; None for none.
        spoken: words of that line, by index, whose sound has now gone out.
        revision: of the prompt in force.
    """

    frame: int
    caller_speech: float
    agent_db: float
    piece: str = ""
    heard: Heard | None = None
    line: int | None = None
    spoken: tuple[int, ...] = ()
    revision: int = -1


class Turns:
    """One call's events. Feed it every frame, in order.

    Args:
        stt_delay_s: how long after a word's sound the recogniser says it; None where none is loaded.
    """

    def __init__(self, *, stt_delay_s: float | None = None, tuning: TurnTuning | None = None) -> None:
        self._tuning = tuning or TurnTuning()
        self._caller = CallerSide(self._tuning.caller, stt_delay_s)
        self._agent = AgentSide(self._tuning.agent)
        self._floor = FloorTracker(pause_s=self._tuning.floor_pause_s)
        self._floor_s = 0.0  # of the last change
        self._frame = -1
        self._now_s = 0.0
        self._started: Spurt | None = None  # whose beginning was told
        self._met: Spurt | None = None  # the newest spurt seen
        self._tentative = False  # that spurt may be a backchannel yet
        self._deaf_until_s = 0.0
        self._quiet_since_s = 0.0
        self._silences_told = 0

    def feed(self, moment: Moment) -> list[FrontendEvent]:
        """What this frame made known.

        Raises:
            ValueError: the frame is not later than the one before.
        """
        if moment.frame <= self._frame:
            raise ValueError(
                f"frame {moment.frame} came after frame {self._frame}; feed each frame once, in order"
            )
        at_s = moment.frame * FRAME_S
        self._frame, self._now_s = moment.frame, at_s + FRAME_S
        events = self._hear_agent(moment, at_s)
        over_agent = self._agent.spurt is not None
        fresh = self._caller.feed(at_s, moment.caller_speech, moment.heard, over_agent=over_agent)
        events += self._follow_floor(at_s, fresh=fresh)
        events += self._follow_agent()
        events += self._follow_caller(fresh=fresh)
        events += self._settle_start()
        events += self._count_silence()
        return events

    def expect(self, judge: Callable[[str], Completeness] = cannot_tell) -> None:
        """How to tell whether the words so far are a complete answer (`Expected.judge`)."""
        self._caller.judge = judge

    def line(self, number: int, words: Sequence[str], revision: int) -> None:
        """The agent was given these words to say as they stand. `Moment.line` and `spoken` refer to them."""
        self._agent.line(number, words, revision)

    def hush(self) -> list[FrontendEvent]:
        """The agent is made silent after the last frame. What was given to be said will not be."""
        events = self._cut()
        self._deaf_until_s = self._now_s + self._tuning.agent.deaf_s
        if events and self._caller.open is not None:
            self._caller.open.interrupted = True
        return events

    def close(self) -> list[FrontendEvent]:
        """The call is over: what was still open."""
        events: list[FrontendEvent] = []
        if self._agent.spurt is not None:
            events += self._stop(interrupted=False)
        if self._caller.open is not None:
            events += self._settle(self._caller.take())
        return events

    # --- the agent -----------------------------------------------------------------------------------------

    def _hear_agent(self, moment: Moment, at_s: float) -> list[FrontendEvent]:
        events: list[FrontendEvent] = []
        another = self._agent.another_line(moment.line)
        if another:
            self._deaf_until_s = 0.0
            if self._agent.spurt is not None:  # another reply takes the place of what was being said
                events += self._stop(interrupted=bool(self._unspoken()))
        deaf = at_s < self._deaf_until_s
        self._agent.feed(
            at_s,
            SILENCE_DB if deaf else moment.agent_db,
            "" if deaf else moment.piece,
            moment.line,
            moment.spoken,
            moment.revision,
        )
        return events

    def _follow_agent(self) -> list[FrontendEvent]:
        spurt = self._agent.spurt
        if spurt is None:
            return []
        if spurt is not self._met:
            self._met = spurt
            self._tentative = self._caller.open is not None and self._agent.saying is None
        if self._tentative and self._is_reply(spurt):
            self._tentative = False
        if self._agent.over(caller_speaks=self._caller_insists()):
            return self._ended(spurt)
        return [] if self._tentative else self._tell(spurt)

    def _settle_start(self) -> list[FrontendEvent]:
        """Once the caller's turn is over, whatever the agent says is a reply."""
        spurt = self._agent.spurt
        if spurt is None or not self._tentative or self._caller.open is not None:
            return []
        self._tentative = False
        return self._tell(spurt)

    def _is_reply(self, spurt: Spurt) -> bool:
        backchannel = self._tuning.backchannel
        long = spurt.end_s - spurt.start_s > backchannel.agent_s
        return long or (bool(spurt.said) and not backchannel.covers(" ".join(spurt.said)))

    def _tell(self, spurt: Spurt) -> list[FrontendEvent]:
        """The spurt's beginning, if nobody knows of it, and the words that came since."""
        events: list[FrontendEvent] = []
        if self._started is not spurt:
            self._started = spurt
            events.append(AgentStarted(spurt.revision, spurt.start_s))
        events += spurt.words
        spurt.words.clear()
        return events

    def _ended(self, spurt: Spurt) -> list[FrontendEvent]:
        utterance = self._caller.open
        if self._tentative and utterance is not None and utterance.end_s > spurt.start_s:
            self._agent.take()
            if not self._is_reply(spurt):  # its last word is known only now
                return self._backchannel(Party.AGENT, spurt.end_s)
            return [*self._tell(spurt), AgentStopped(spurt.revision, spurt.end_s, False)]
        gave_way = self._gave_way(spurt)
        if gave_way and utterance is not None:
            utterance.interrupted = True
        return self._stop(interrupted=gave_way)

    def _stop(self, *, interrupted: bool) -> list[FrontendEvent]:
        unspoken = self._unspoken()
        spurt = self._agent.take()
        told = self._tell(spurt)
        return [*told, AgentStopped(spurt.revision, spurt.end_s, interrupted, unspoken)]

    def _cut(self) -> list[FrontendEvent]:
        events: list[FrontendEvent] = []
        line = self._agent.saying or self._agent.pending
        if self._agent.spurt is not None:
            events = self._stop(interrupted=True)
        elif line is not None and line.unspoken:
            events = [AgentStopped(line.revision, self._now_s, True, line.unspoken)]
        self._agent.forget()
        self._agent.forget_lines()
        return events

    def _unspoken(self) -> str:
        line = self._agent.saying
        return line.unspoken if line is not None else ""

    def _caller_insists(self) -> bool:
        utterance = self._caller.open
        return (
            self._caller.sounding
            and utterance is not None
            and utterance.length_s >= self._tuning.agent.insists_s
        )

    def _gave_way(self, spurt: Spurt) -> bool:
        """Whether the agent ceased because of the caller: who spoke over it, and spoke on when it fell silent."""
        utterance, line = self._caller.open, self._agent.saying
        if utterance is None or not utterance.over_agent or (line is not None and not line.unspoken):
            return False
        spoke_over = spurt.end_s - utterance.start_s >= self._tuning.agent.overlap_s - 1e-6
        spoke_on = utterance.end_s > spurt.end_s
        return spoke_over and spoke_on and not self._tuning.backchannel.covers(utterance.text)

    # --- the caller ----------------------------------------------------------------------------------------

    def _follow_caller(self, *, fresh: bool) -> list[FrontendEvent]:
        utterance = self._caller.open
        if utterance is None:
            return []
        events: list[FrontendEvent] = []
        if fresh:
            events.append(CallerPartial(utterance.hypotheses, utterance.start_s, self._now_s))
        quick = self._answered(utterance) or (utterance.over_agent and self._is_backchannel(utterance))
        if self._caller.over(quick=quick):
            events += self._settle(self._caller.take())
        return events

    def _answered(self, utterance: Utterance) -> bool:
        """Whether the agent has begun to reply since: then the turn is over, whatever a pause looks like."""
        spurt = self._agent.spurt
        return spurt is not None and not self._tentative and spurt.start_s >= utterance.end_s

    def _settle(self, utterance: Utterance) -> list[FrontendEvent]:
        start_s, end_s = utterance.start_s, utterance.end_s
        noise = not utterance.words and utterance.length_s < self._tuning.caller.noise_s - 1e-6
        if noise:
            return []
        spurt = self._agent.spurt
        goes_on = spurt is not None and spurt.start_s < start_s and spurt.end_s > end_s
        if goes_on and not utterance.interrupted and self._is_backchannel(utterance):
            told = CallerBackchannel(utterance.text, start_s, end_s)
            return [told, *self._backchannel(Party.CALLER, end_s)]
        return [CallerTurn(utterance.hypotheses, start_s, end_s, self._now_s, utterance.interrupted)]

    def _is_backchannel(self, utterance: Utterance) -> bool:
        backchannel = self._tuning.backchannel
        covered = not utterance.words or backchannel.covers(utterance.text)
        return covered and utterance.length_s <= backchannel.caller_s

    # --- both ----------------------------------------------------------------------------------------------

    def _follow_floor(self, at_s: float, *, fresh: bool) -> list[FrontendEvent]:
        utterance = self._caller.open
        # Speech that the VAD missed is known by its words alone.
        caller = self._caller.sounding or (fresh and utterance is not None and not utterance.sounded)
        return self._changed(self._floor.feed(at_s, caller=caller, agent=self._agent.sounding))

    def _backchannel(self, by: Party, end_s: float) -> list[FrontendEvent]:
        if self._floor.holder is None:
            return []
        return self._changed(self._floor.backchannel(by, max(end_s, self._floor_s)))

    def _changed(self, changes: Sequence[FloorChanged]) -> list[FrontendEvent]:
        for change in changes:
            self._floor_s = change.at_s
        return list(changes)

    def _count_silence(self) -> list[FrontendEvent]:
        if self._caller.open is not None or self._agent.spurt is not None:
            self._quiet_since_s, self._silences_told = self._now_s, 0
            return []
        for_s = self._now_s - self._quiet_since_s
        if for_s < self._tuning.silence_step_s * (self._silences_told + 1) - 1e-6:
            return []
        self._silences_told = int((for_s + 1e-6) // self._tuning.silence_step_s)
        return [CallerSilent(for_s, self._now_s)]
