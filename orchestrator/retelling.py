"""Out of the moments of a call, the parts of its `call.json`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from duplex_frontend.types import FloorReason, Party
from orchestrator.callparts import (
    ChangePart,
    EvidencePart,
    FiguresPart,
    FloorPart,
    LatencyPart,
    LookupPart,
    RecallPart,
    SaidPart,
    SlotPart,
    SteeringPart,
    TroublePart,
    TurnPart,
    TurnWhisperPart,
    WhisperPart,
)
from orchestrator.lookups import found
from orchestrator.recording import (
    AgentCeased,
    CallerWords,
    CallOpened,
    FloorHeld,
    LookedUp,
    Moment,
    SlotChanged,
    Trouble,
    TurnTimed,
    Whispered,
)
from orchestrator.transcript import Transcript, told
from orchestrator.wording import percentile
from reasoner.state import GoalState
from reasoner.types import Evidence, SlotState, SlotStatus

BARGE_IN_WITHIN_S = 3.0
"""The agent gives way within this of the caller's first sample, or it was not because of it."""

A = TypeVar("A")


def transcript_of(moments: Sequence[Moment]) -> tuple[SaidPart, ...]:
    """What both sides said, by when they began."""
    transcript: Transcript = ()
    for moment in moments:
        transcript = told(transcript, moment)
    return tuple(
        SaidPart(
            who=said.who.value,
            text=said.text,
            start_s=seconds(said.start_s),
            end_s=seconds(said.end_s),
            confidence=None if said.confidence is None else round(said.confidence, 3),
            interrupted=said.interrupted,
            unspoken=said.unspoken,
            backchannel=said.backchannel,
        )
        for said in sorted(transcript, key=lambda said: said.start_s)
    )


def slots_of(opened: CallOpened, moments: Sequence[Moment], state: GoalState) -> dict[str, SlotPart]:
    """Every slot of the flow, in its order, empty ones too."""
    spoken = {moment.name: moment.spoken for moment in all_of(moments, SlotChanged)}
    slots = {}
    for info in opened.slots:
        slot = state.slots.get(info.name, SlotState())
        slots[info.name] = SlotPart(
            label=info.label,
            value=slot.value,
            spoken=spoken.get(info.name, "") if slot.value is not None else "",
            status=slot.status,
            confirmed=slot.status is SlotStatus.CONFIRMED,
            confidence=round(slot.confidence, 3),
            evidence=evidence_of(slot.evidence),
        )
    return slots


def changes_of(moments: Sequence[Moment]) -> tuple[ChangePart, ...]:
    return tuple(
        ChangePart(
            name=changed.name,
            value=changed.value,
            spoken=changed.spoken,
            status=SlotStatus(changed.status),
            confidence=round(changed.confidence, 3),
            at_s=seconds(changed.at_s),
        )
        for changed in all_of(moments, SlotChanged)
    )


def turns_of(moments: Sequence[Moment]) -> tuple[TurnPart, ...]:
    """The caller's turns, each with the look-up that it used and the whisper that answered it."""
    turns = []
    after_s = 0.0  # when the turn before was decided
    for timed in all_of(moments, TurnTimed):
        turns.append(
            TurnPart(
                turn=timed.turn,
                end_of_speech_s=seconds(timed.end_of_speech_s),
                decided_s=seconds(timed.decided_s),
                first_sample_s=None if timed.first_sample_s is None else seconds(timed.first_sample_s),
                latency_ms=None if timed.latency_ms is None else round(timed.latency_ms, 1),
                thought_ms=round(timed.thought_ms, 1),
                route=timed.route,
                recall=_recall(moments, timed, after_s),
                whisper=_answer(moments, timed),
                interrupted=timed.interrupted,
                before_whisper=timed.before_whisper,
            )
        )
        after_s = timed.decided_s
    return tuple(turns)


def lookups_of(moments: Sequence[Moment]) -> tuple[LookupPart, ...]:
    return tuple(
        LookupPart(
            query=lookup.query,
            titles=lookup.titles,
            at_s=seconds(lookup.at_s),
            took_ms=round(lookup.took_ms, 1),
            speculative=lookup.speculative,
            used=lookup.used,
        )
        for lookup in _lookups(moments)
    )


def whispers_of(moments: Sequence[Moment]) -> tuple[WhisperPart, ...]:
    return tuple(
        WhisperPart(
            revision=w.revision,
            text=w.text,
            reply=w.reply,
            at_s=seconds(w.at_s),
            ahead=w.ahead,
            left_out=w.left_out,
            exact=w.exact,
            guided=w.guided,
        )
        for w in all_of(moments, Whispered)
    )


def floor_of(moments: Sequence[Moment]) -> tuple[FloorPart, ...]:
    return tuple(
        FloorPart(
            holder=Party(held.holder).value if held.holder else None,
            reason=FloorReason(held.reason).value,
            by=Party(held.by).value,
            at_s=seconds(held.at_s),
        )
        for held in all_of(moments, FloorHeld)
    )


def troubles_of(moments: Sequence[Moment]) -> tuple[TroublePart, ...]:
    return tuple(
        TroublePart(part=t.part, what=t.what, at_s=seconds(t.at_s)) for t in all_of(moments, Trouble)
    )


def figures_of(
    moments: Sequence[Moment],
    turns: Sequence[TurnPart],
    late_blocks: int | None,
    simulated: str,
    steering: SteeringPart,
) -> FiguresPart:
    times = [turn.latency_ms for turn in turns if turn.latency_ms is not None]
    needed = [turn.recall for turn in turns if turn.recall is not None]
    p50, p95 = percentile(times, 0.5), percentile(times, 0.95)
    return FiguresPart(
        latency=LatencyPart(
            turns=len(times),
            p50_ms=None if p50 is None else round(p50, 1),
            p95_ms=None if p95 is None else round(p95, 1),
        ),
        barge_in_to_silence_ms=tuple(round(ms, 1) for ms in _barge_ins_ms(moments)),
        late_blocks=late_blocks,
        lookups_needed=len(needed),
        lookups_ready=sum(recall.ready for recall in needed),
        simulation=bool(simulated),
        simulated=simulated,
        steering=steering,
    )


def evidence_of(evidence: Evidence | None) -> EvidencePart | None:
    if evidence is None:
        return None
    return EvidencePart(
        words=evidence.words,
        start_s=seconds(evidence.start_s),
        end_s=seconds(evidence.end_s),
        accepted_words=evidence.accepted_words,
        accepted_s=None if evidence.accepted_s is None else seconds(evidence.accepted_s),
    )


def _recall(moments: Sequence[Moment], timed: TurnTimed, after_s: float) -> RecallPart | None:
    """The newest look-up that was used between the turn before and this answer."""
    if timed.recall_ready is None:
        return None
    until_s = timed.first_sample_s if timed.first_sample_s is not None else timed.at_s
    used = [lookup for lookup in _lookups(moments) if lookup.used and after_s < lookup.at_s <= until_s]
    if not used:
        return None
    return RecallPart(
        query=used[-1].query,
        titles=used[-1].titles,
        at_s=seconds(used[-1].at_s),
        took_ms=round(used[-1].took_ms, 1),
        speculative=used[-1].speculative,
        ready=timed.recall_ready,
    )


def _answer(moments: Sequence[Moment], timed: TurnTimed) -> TurnWhisperPart | None:
    """The newest whisper between the end of the turn and the first sample of its answer."""
    if timed.first_sample_s is None:
        return None
    given = [m for m in all_of(moments, Whispered) if timed.end_of_speech_s <= m.at_s <= timed.first_sample_s]
    return TurnWhisperPart(revision=given[-1].revision, ahead=given[-1].ahead) if given else None


def _barge_ins_ms(moments: Sequence[Moment]) -> list[float]:
    """For each time the agent gave way: from the caller's first sample to the agent's silence.

    The voice falls silent before it is decided that it gives way for good. The floor tells when: it passes to the
    caller with the first block in which the caller alone is heard.
    """
    heard = [m for m in all_of(moments, CallerWords) if m.final and not m.backchannel]
    began = sorted(
        m.start_s for m in heard if m.end_s > m.start_s
    )  # typed words take no time and make no sound
    passed = [m.at_s for m in all_of(moments, FloorHeld) if m.holder == Party.CALLER == m.by]
    times = []
    for ceased in all_of(moments, AgentCeased):
        starts = [at for at in began if ceased.at_s - BARGE_IN_WITHIN_S <= at <= ceased.at_s]
        if ceased.interrupted and starts:
            start_s = starts[-1]
            silent_s = min((at for at in passed if start_s <= at <= ceased.at_s), default=ceased.at_s)
            times.append((silent_s - start_s) * 1000)
    return times


def _lookups(moments: Sequence[Moment]) -> tuple[LookedUp, ...]:
    lookups: tuple[LookedUp, ...] = ()
    for lookup in all_of(moments, LookedUp):
        lookups = found(lookups, lookup)
    return lookups


def all_of(moments: Sequence[Moment], kind: type[A]) -> list[A]:
    return [moment for moment in moments if isinstance(moment, kind)]


def seconds(at_s: float) -> float:
    """To the millisecond: enough for people and for audio blocks."""
    return round(at_s, 3)
