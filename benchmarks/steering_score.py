"""What one steered call came to, held against what was really played. Nothing here asks the code that is measured."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.steering_run import Steered
from duplex_frontend.rehearsal.stage import Played
from flows.schema import Flow
from orchestrator.callparts import SteeringPart
from orchestrator.simulate.caller import Doing
from orchestrator.simulate.conversation import Conversation
from orchestrator.simulate.score import score
from reasoner.reply import disclosure_words
from reasoner.state import GoalState, Outcome

TOOK_BACK = ("let me correct that", "what i just said was not right")
"""Either is enough: exact words may fail in one of them."""
_FIGURES = frozenset("zero one two three four five six seven eight nine".split())


@dataclass(frozen=True, slots=True)
class Score:
    """One call.

    Attributes:
        success: it ended as it had to, every needed slot right, and all that it had to disclose was heard.
        handed_over: though nobody had asked for it. abandoned: the caller gave up, or it never ended.
        disclosures, proven, heard: that a completed call needed; those held to be proven; those really played.
        wrong_facts, uncorrected: figures played that nobody gave, and those never taken back.
        strayed, let_pass: turns in which something went wrong, and those after which the caller did not know what was
            wanted, with neither a correction nor a hand-over.
        turns: of the caller.
        steering: as the call's own file counts it.
    """

    success: bool
    outcome: str
    handed_over: bool
    abandoned: bool
    disclosures: int
    proven: int
    heard: int
    wrong_facts: int
    uncorrected: int
    strayed: int
    let_pass: int
    turns: int
    steering: SteeringPart


def steering_score(call: Conversation, line: Steered) -> Score:
    """See `Score`."""
    plain, state, played = score(call), line.state, line.actor.record.played
    needed = _needed(call.flow, state)
    heard = [name for name in needed if _was_heard(disclosure_words(call.flow, state, name), played)]
    wrong, left = _wrong_facts(line, state)
    strayed, let_pass = _failures(call, line, state)
    return Score(
        success=plain.success and len(heard) == len(needed),
        outcome=state.outcome.value if state.outcome else "none",
        handed_over=state.outcome is Outcome.HANDED_OVER and not plain.human_due,
        abandoned=call.endless or state.outcome in (None, Outcome.HUNG_UP, Outcome.GAVE_UP),
        disclosures=len(needed),
        proven=sum(
            state.disclosures[name].proven is not None for name in needed if name in state.disclosures
        ),
        heard=len(heard),
        wrong_facts=wrong,
        uncorrected=left,
        strayed=strayed,
        let_pass=let_pass,
        turns=len(call.exchanges),
        steering=line.written_down().figures.steering,
    )


def _needed(flow: Flow, state: GoalState) -> list[str]:
    """What a call that is complete had to disclose."""
    if state.outcome is not Outcome.COMPLETE:
        return []
    said = state.disclosures
    return [
        name for name, one in flow.disclosures.items() if one.required or (name in said and said[name].times)
    ]


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _was_heard(words: str, played: Sequence[Played]) -> bool:
    return any(_plain(words) in _plain(one.heard) for one in played)


def _wrong_facts(line: Steered, state: GoalState) -> tuple[int, int]:
    """Figures that nobody gave and that were played, and how many of them nobody took back."""
    played, wrong, left = line.actor.record.played, 0, 0
    for at, one in enumerate(played):
        if not _states_wrong(one):
            continue
        wrong += 1
        after = played[at + 1 : at + 4]
        again = any(words in other.heard.casefold() for other in after for words in TOOK_BACK)
        left += not (again or _said_again(one, after) or state.outcome is Outcome.HANDED_OVER)
    return wrong, left


def _states_wrong(one: Played) -> bool:
    made_up = one.performance.wrong
    if made_up and " for " in made_up and not made_up.endswith("."):
        return one.interrupted is False or len(one.heard) > 0
    if made_up:
        return _plain(made_up) in _plain(one.heard)
    pairs = zip(one.performance.written[: one.spoken], one.performance.heard[: one.spoken], strict=True)
    return any(wrote != sounded and _plain(wrote) in _FIGURES for wrote, sounded in pairs)


def _said_again(one: Played, after: Sequence[Played]) -> bool:
    """A slip of the tongue is put right by saying the same once more, rightly."""
    if one.performance.wrong:
        return False
    return any(
        set(_plain(one.written).split()) & _FIGURES & set(_plain(other.heard).split()) for other in after
    )


def _failures(call: Conversation, line: Steered, state: GoalState) -> tuple[int, int]:
    """Turns of the agent's in which the actor failed, and those that left the caller without anything to answer."""
    played, strayed, let_pass = line.actor.record.played, 0, 0
    for at, (start, end) in enumerate(line.turns):
        mine = played[start:end]
        failed = not mine or any(one.performance.deed != "obeyed" or one.performance.differs for one in mine)
        strayed += failed
        answer = call.exchanges[at] if at < len(call.exchanges) else None
        puzzled = answer is not None and answer.said.doing in (Doing.PUZZLED, Doing.HANG_UP)
        whispered = at == 0 or any(moment.speaks for moment in call.exchanges[at - 1].turn.moments)
        if not whispered:  # it was a backchannel to the machine: there was nothing to say
            continue
        let_pass += failed and puzzled and answer is not None and answer.before.outcome is None
    return strayed, let_pass
