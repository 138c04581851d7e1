"""A made-up call of about 150 s, as the moments that a real one would leave: for tests, and for a look at it."""

from __future__ import annotations

from dataclasses import dataclass, field

from orchestrator.recording import (
    AgentCeased,
    AgentSaid,
    CallClosed,
    CallerWords,
    CallOpened,
    FloorHeld,
    LookedUp,
    Moment,
    SlotChanged,
    SlotInfo,
    Trouble,
    TurnTimed,
    Whispered,
)
from reasoner.state import GoalState, Outcome
from reasoner.types import Evidence, SlotState, SlotStatus, Value

CALL = "c-7f3a91"
SLOTS = (
    SlotInfo("name", "name", "person_name", True),
    SlotInfo("date_of_birth", "date of birth", "date", True),
    SlotInfo("phone", "phone number", "phone", True),
    SlotInfo("reason", "reason for your visit", "choice", True),
    SlotInfo("allergies", "allergies", "list", True),
    SlotInfo("medicines", "medicines", "list", True),
    SlotInfo("insurance", "insurance", "choice", True),
    SlotInfo("consent", "consent", "yes_no", True),
)


@dataclass
class Story:
    """Writes moments down with the pace of people: the agent 12 letters a second, the caller 11."""

    moments: list[Moment] = field(default_factory=list)
    slots: dict[str, SlotState] = field(default_factory=dict)
    now: float = 0.4
    revision: int = 0
    turn: int = 0
    latency: tuple[int, ...] = (542, 561, 538, 690, 529, 548, 573, 535, 812, 544, 557, 540, 566, 531)

    def add(self, moment: Moment) -> None:
        self.moments.append(moment)

    def agent(self, reply: str, *, ahead: bool = True, cut_after_s: float | None = None) -> None:
        """The agent speaks its reply, word by word; the caller cuts in `cut_after_s` seconds later."""
        self.revision += 1
        self.add(Whispered(self.revision, f"Say: {reply}", reply, max(0.0, self.now - 0.02), ahead))
        self.add(FloorHeld("agent", "turn", "agent", self.now))
        start, words = self.now, reply.split()
        for n, word in enumerate(words):
            length = (len(word) + 1) / 12
            if cut_after_s is not None and self.now + length - start > cut_after_s:
                self.now = start + cut_after_s
                self.add(FloorHeld("agent", "overlap", "caller", self.now))
                self.add(AgentSaid(word, self.now, self.now + 0.16, self.now + 0.16, self.revision))
                self.add(FloorHeld("caller", "interruption", "caller", self.now + 0.16))
                self.add(AgentCeased(self.now + 0.7, True, " ".join(words[n + 1 :])))
                return
            self.now += length
            self.add(AgentSaid(word, self.now - length, self.now, self.now, self.revision))
        self.add(AgentCeased(self.now, False, ""))
        self.add(FloorHeld(None, "pause", "agent", self.now + 0.25))

    def caller(
        self,
        text: str,
        *,
        after_s: float = 0.6,
        confidence: float = 0.91,
        route: str = "answer",
        lookup: tuple[str, tuple[str, ...]] | None = None,
        cut_in: bool = False,
    ) -> None:
        """The caller takes a turn, with partial words on the way, and is answered."""
        start = self.now + (0.0 if cut_in else after_s)
        if not cut_in:
            self.add(FloorHeld("caller", "turn", "caller", start))
        words, at = text.split(), start
        for n, word in enumerate(words, 1):
            at += (len(word) + 1) / 11
            if n % 2 == 0 and n < len(words):
                so_far = " ".join(words[:n])
                self.add(CallerWords(so_far, False, start, at, at + 0.12))
            if lookup and n == max(2, int(0.7 * len(words))):
                self.add(LookedUp(lookup[0], lookup[1], 3.2, True, True, at + 0.14))
        end, decided = at, at + 0.38
        self.add(FloorHeld(None, "pause", "caller", end + 0.25))
        self.add(CallerWords(text, True, start, end, decided, confidence, heard_open=text))
        latency = self.latency[self.turn % len(self.latency)]
        self.turn += 1
        first = end + latency / 1000
        self.add(
            TurnTimed(
                self.turn,
                end,
                decided,
                first,
                float(latency),
                9.0 if latency < 600 else 41.0,
                True if lookup else None,
                route,
                cut_in,
                first,
            )
        )
        self.now = first

    def heard(self, name: str, value: Value, words: str, spoken: str = "", confidence: float = 0.9) -> None:
        at, end = self.now, self.moments[-1].at_s - 0.5
        self.slots[name] = SlotState(SlotStatus.HEARD, value, confidence, Evidence(words, end - 1.5, end))
        self.add(SlotChanged(name, value, self._spoken(value, spoken), "heard", confidence, at - 0.05))

    def _spoken(self, value: Value | None, spoken: str = "") -> str:
        return spoken or (" and ".join(value) if isinstance(value, tuple) else str(value))

    def confirmed(self, *names: str, words: str = "yes that's right") -> None:
        for name in names:
            slot = self.slots[name]
            assert slot.evidence is not None
            evidence = Evidence(
                slot.evidence.words, slot.evidence.start_s, slot.evidence.end_s, words, self.now
            )
            self.slots[name] = SlotState(SlotStatus.CONFIRMED, slot.value, slot.confidence, evidence)
            self.add(
                SlotChanged(
                    name, slot.value, self._spoken(slot.value), "confirmed", slot.confidence, self.now - 0.05
                )
            )


def made_call() -> tuple[tuple[Moment, ...], GoalState]:
    """The moments of a whole call, and the state that it ended in."""
    s = Story()
    s.add(CallOpened(CALL, "medical_intake", "Intake of a new patient by phone", "Claire", 16000, SLOTS))
    s.agent(
        "Thank you for calling Riverside Family Clinic. This is Claire, an automated assistant. I will take "
        "a few details for your visit. May I have your first and last name, please?",
        ahead=False,
    )
    s.caller("hi yes my name is maria gomez and i was born on march third nineteen eighty")
    s.heard("name", "Maria Gomez", "my name is maria gomez")
    s.heard("date_of_birth", "1980-03-03", "march third nineteen eighty", "March 3rd, 1980")
    s.agent("I have Maria Gomez, born on March 3rd, 1980. Is that right?")
    s.caller("no i was born on march thirteenth", confidence=0.84, route="repair")
    s.confirmed("name")
    s.heard("date_of_birth", "1980-03-13", "march thirteenth", "March 13th, 1980", 0.84)
    s.agent("Sorry about that. I have March 13th, 1980. Is that right?")
    s.caller("yes that's right")
    s.confirmed("date_of_birth")
    s.agent("What phone number can we reach you at?")
    s.caller("five five five two one three eight eight four one")
    s.heard("phone", "5552138841", "five five five two one three eight eight four one")
    s.agent("I have 5 5 5, 2 1 3, 8 8 4 1. Is that right?")
    s.caller("yes it is")
    s.confirmed("phone")
    s.agent(
        "What is the reason for your visit? Is it a check up, an illness, a pain, or something else?",
        cut_after_s=2.6,
    )
    s.caller("my back hurts", cut_in=True)
    s.heard("reason", "back pain", "my back hurts")
    s.agent("I see. Do you have any allergies?")
    s.caller(
        "before that is there somewhere i can park my car at the clinic",
        route="digression",
        lookup=("park my car clinic", ("Parking", "Getting here by bus")),
    )
    s.agent(
        "Parking is free for patients in the garage on Mill Street. Bring your ticket to the front desk to "
        "have it stamped. Now, do you have any allergies?"
    )
    at = s.now - 4.0
    s.add(FloorHeld("agent", "backchannel", "caller", at))
    s.add(CallerWords("mm-hm", True, at - 0.5, at - 0.1, at, 0.8, backchannel=True))
    s.caller("yes to penicillin and peanuts")
    s.heard("allergies", ("penicillin", "peanuts"), "penicillin and peanuts", "penicillin and peanuts")
    s.agent("Thank you. Which medicines do you take regularly?", ahead=False)
    s.add(Trouble("recogniser", "The open recogniser died and was started again", s.now - 1.0))
    s.caller("i take lisinopril and metformin", confidence=0.79)
    s.heard("medicines", ("lisinopril", "metformin"), "lisinopril and metformin")
    s.agent("Which insurance do you have?")
    s.caller("i have blue cross")
    s.heard("insurance", "Blue Cross", "blue cross")
    s.agent("May we keep these details in your record? Please say yes or no.")
    s.caller(
        "what do you do with my data",
        route="digression",
        lookup=("do with my data", ("How we use your data",)),
    )
    s.agent(
        "Your details are kept in your medical record and are never sold or shared for advertising. May we "
        "keep these details?"
    )
    s.caller("yes you may")
    s.heard("consent", True, "yes you may", "you agree that we keep your details")
    s.agent(
        "Let me read that back. You come for back pain, you are allergic to penicillin and peanuts, you take "
        "lisinopril and metformin, your insurance is Blue Cross, and you agree that we keep your details. "
        "Is that right?"
    )
    s.caller("yes that's right", route="completion")
    s.confirmed("reason", "allergies", "medicines", "insurance", "consent")
    s.agent("Thank you. You are all set, we look forward to seeing you. Goodbye.")
    s.add(CallClosed("complete", s.now + 0.4, "All eight details were confirmed."))
    moments = tuple(sorted(s.moments, key=lambda moment: moment.at_s))
    state = GoalState(
        CALL,
        "medical_intake",
        "9d2c5e0f4a17",
        s.revision,
        s.now,
        slots=s.slots,
        outcome=Outcome.COMPLETE,
        code="complete",
    )
    return moments, state


def upto(moments: tuple[Moment, ...], at_s: float) -> tuple[Moment, ...]:
    return tuple(moment for moment in moments if moment.at_s <= at_s)
