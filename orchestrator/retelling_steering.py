"""Out of the moments of a call, how its voice was steered: receipts, findings, disclosures, figures. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.callparts import DisclosurePart, FindingPart, ReceiptPart, SteeringPart, TurnPart
from orchestrator.recording import CallClosed, Found, Moment, Receipt, Whispered
from orchestrator.retelling import all_of, evidence_of, seconds
from reasoner.state import GoalState
from reasoner.types import Strays


def receipts_of(moments: Sequence[Moment]) -> tuple[ReceiptPart, ...]:
    return tuple(
        ReceiptPart(revision=r.revision, fate=r.fate, at_s=seconds(r.at_s), frame=r.frame, why=r.why)
        for r in all_of(moments, Receipt)
    )


def findings_of(moments: Sequence[Moment]) -> tuple[FindingPart, ...]:
    return tuple(
        FindingPart(
            kind=Strays(found.kind),
            about=found.about,
            text=found.text,
            start_s=seconds(found.start_s),
            end_s=seconds(found.end_s),
            revision=found.revision,
            confidence=found.confidence,
            heard=found.heard,
        )
        for found in all_of(moments, Found)
    )


def disclosures_of(state: GoalState) -> dict[str, DisclosurePart]:
    """Each disclosure that came up, and where it was spoken."""
    return {
        name: DisclosurePart(times=known.times, proven=evidence_of(known.proven))
        for name, known in state.disclosures.items()
    }


def steering_of(moments: Sequence[Moment], turns: Sequence[TurnPart]) -> SteeringPart:
    whispers, found = all_of(moments, Whispered), all_of(moments, Found)
    closed = next(iter(all_of(moments, CallClosed)), None)
    answered = [turn for turn in turns if turn.first_sample_s is not None]
    good = (Strays.DISCLOSED, Strays.CORRECTED)
    return SteeringPart(
        answers=len(answered),
        before_whisper=sum(turn.before_whisper for turn in answered),
        thoughts=closed.thoughts if closed is not None else 0,
        thoughts_used=closed.thoughts_used if closed is not None else 0,
        replies=sum(bool(whisper.reply) for whisper in whispers),
        exact=sum(whisper.exact for whisper in whispers),
        guided=sum(whisper.guided for whisper in whispers),
        strayed=sum(one.kind not in good for one in found),
        corrected=sum(one.kind == Strays.CORRECTED for one in found),
    )
