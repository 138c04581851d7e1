"""Who said what, put together from the moments of a call. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from duplex_frontend.types import FloorReason, Party
from orchestrator.recording import AgentCeased, AgentSaid, CallClosed, CallerWords, FloorHeld, Moment

BESIDE_S = 0.3
"""An agent's words this close to its backchannel on the floor are that backchannel."""

SAME_START_S = 0.5
"""Words of the caller that begin within this are of one turn."""


@dataclass(frozen=True, slots=True)
class Said:
    """One party's words in one go.

    Attributes:
        final: they will not change any more.
        confidence: 0..1, of what was heard; None for the agent's own words.
        interrupted: the other party cut them off; `unspoken` is what was left to say.
        revision: of the state that the agent spoke from, None for the caller.
    """

    who: Party
    text: str
    start_s: float
    end_s: float
    final: bool
    confidence: float | None = None
    interrupted: bool = False
    backchannel: bool = False
    unspoken: str = ""
    revision: int | None = None


Transcript = tuple[Said, ...]


def told(transcript: Transcript, moment: Moment) -> Transcript:
    """The transcript after one more moment."""
    match moment:
        case CallerWords():
            return _heard(transcript, moment)
        case AgentSaid():
            return _spoken(transcript, moment)
        case AgentCeased():
            return _ceased(transcript, moment)
        case FloorHeld(reason=FloorReason.BACKCHANNEL, by=Party.AGENT):
            return _acknowledged(transcript, moment.at_s)
        case CallClosed():
            return tuple(said if said.final else replace(said, final=True) for said in transcript)
        case _:
            return transcript


def _heard(transcript: Transcript, words: CallerWords) -> Transcript:
    place = _unfinished(transcript, Party.CALLER)
    if not words.text and not words.final:
        return transcript
    if place is not None and abs(transcript[place].start_s - words.start_s) > SAME_START_S:
        # Of what began earlier nothing came.
        transcript, place = (*transcript[:place], *transcript[place + 1 :]), None
    said = Said(
        Party.CALLER,
        words.text,
        words.start_s,
        words.end_s,
        words.final,
        confidence=words.confidence if words.final else None,
        backchannel=words.backchannel,
    )
    return _put(transcript, place, said)


def _spoken(transcript: Transcript, words: AgentSaid) -> Transcript:
    place = _unfinished(transcript, Party.AGENT)
    if place is not None and transcript[place].revision == words.revision:
        said = transcript[place]
        longer = replace(said, text=f"{said.text} {words.text}".strip(), end_s=words.end_s)
        return _put(transcript, place, longer)
    if place is not None:
        transcript = _put(transcript, place, replace(transcript[place], final=True))
    said = Said(Party.AGENT, words.text, words.start_s, words.end_s, final=False, revision=words.revision)
    return _put(transcript, None, said)


def _ceased(transcript: Transcript, ceased: AgentCeased) -> Transcript:
    place = _unfinished(transcript, Party.AGENT)
    if place is None:
        return transcript
    said = replace(
        transcript[place], final=True, interrupted=ceased.interrupted, unspoken=ceased.unspoken.strip()
    )
    return _put(transcript, place, said)


def _acknowledged(transcript: Transcript, at_s: float) -> Transcript:
    for place in reversed(range(len(transcript))):
        said = transcript[place]
        if said.who is Party.AGENT:
            beside = said.start_s - BESIDE_S <= at_s <= said.end_s + BESIDE_S
            return _put(transcript, place, replace(said, backchannel=True)) if beside else transcript
    return transcript


def _unfinished(transcript: Transcript, who: Party) -> int | None:
    """Where the party's words still change. Only its last entry can."""
    for place in reversed(range(len(transcript))):
        if transcript[place].who is who:
            return None if transcript[place].final else place
    return None


def _put(transcript: Transcript, place: int | None, said: Said) -> Transcript:
    if place is None:
        return (*transcript, said)
    return (*transcript[:place], said, *transcript[place + 1 :])
