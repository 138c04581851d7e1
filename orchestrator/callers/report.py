"""What a simulated caller writes down of his call. Times are seconds of his own clock."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from orchestrator.callers.facts import Person, Quirk
from orchestrator.callers.listener import Heard
from orchestrator.callers.moves import Meaning, Say
from orchestrator.callers.telephone import Punctuality

VERSION = 1


@dataclass(slots=True)
class Said:
    """An utterance. `whole`: not where it was cut short."""

    start_s: float
    end_s: float
    words: str
    meaning: str
    about: tuple[str, ...]
    over_agent: bool = False
    whole: bool = True


@dataclass(frozen=True, slots=True)
class HeardTurn:
    """A turn of the agent as the caller heard it. `read_back`: his verdict on each value."""

    start_s: float
    end_s: float
    words: str
    act: str
    asked: str | None
    read_back: dict[str, str]
    read_back_words: str


@dataclass(frozen=True, slots=True)
class Happened:
    at_s: float
    what: str


@dataclass(slots=True)
class Report:
    """Grows with the call."""

    person: Person
    said: list[Said] = field(default_factory=list)
    heard: list[HeardTurn] = field(default_factory=list)
    events: list[Happened] = field(default_factory=list)
    ended: str = ""

    def say(self, say: Say, at_s: float, *, over_agent: bool) -> Said:
        """An utterance begins. Fill in its end when it is over."""
        said = Said(round(at_s, 2), round(at_s, 2), say.words, say.meaning, say.about, over_agent)
        self.said.append(said)
        if what := _event(say, over_agent):
            self.events.append(Happened(said.start_s, what))
        return said

    def hear(self, start_s: float, end_s: float, heard: Heard) -> None:
        back = heard.read_back
        verdicts = {kind.value: verdict.value for kind, verdict in back.verdicts.items()} if back else {}
        asked = heard.gist.field.value if heard.gist.field else None
        self.heard.append(
            HeardTurn(
                round(start_s, 2),
                round(end_s, 2),
                heard.words,
                heard.gist.act.value,
                asked,
                verdicts,
                back.words if back else "",
            )
        )

    def dump(self, clock: Punctuality) -> bytes:
        """JSON."""
        person = self.person
        told: dict[str, Any] = {
            "version": VERSION,
            "simulation": True,
            "seed": person.seed,
            "voice": person.voice,
            "pace": person.pace,
            "facts": asdict(person.facts),
            "temper": asdict(person.temper) | {"quirks": sorted(person.temper.quirks)},
            "ended": self.ended,
            "events": [asdict(event) for event in self.events],
            "said": [asdict(said) for said in self.said],
            "heard": [asdict(heard) for heard in self.heard],
            "clock": asdict(clock) | {"latest_ms": round(clock.latest_ms, 2)},
        }
        return json.dumps(told, indent=1, default=str).encode() + b"\n"


_BY_QUIRK = {
    Quirk.TWO_AT_ONCE: "gave two answers at once",
    Quirk.SLIP: "slipped",
    Quirk.QUESTION: "asked a question",
    Quirk.BARGE_IN: "interrupted",
    Quirk.BACKCHANNEL: "said mm-hm",
}


def _event(say: Say, over_agent: bool) -> str:
    if say.meaning is Meaning.CORRECTION:
        return "corrected himself"
    if say.quirk in (Quirk.BARGE_IN, Quirk.BACKCHANNEL) and not over_agent:
        return ""  # the agent had finished: no interruption, no sound of listening
    return _BY_QUIRK[say.quirk] if say.quirk else ""
