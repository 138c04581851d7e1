"""A double of `Calls` that keeps a clock: it hums where an agent would speak, and does what is typed.

It understands nothing. What it tells follows a script, so that the page can be seen with everything on it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from duplex_frontend.errors import NoSeat
from duplex_frontend.types import BLOCK_S, Block, Exchange
from memory.errors import WrongToken
from orchestrator.calls import End, SourceOf, Why
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

RATE_HZ = 16_000
BLOCK = 320
HUM_HZ = 220.0
SLOTS = (
    SlotInfo("name", "name", "person_name", True),
    SlotInfo("date_of_birth", "date of birth", "date", True),
    SlotInfo("phone", "phone number", "phone", True),
    SlotInfo("reason", "reason for your visit", "choice", True),
    SlotInfo("allergies", "allergies", "list", False),
    SlotInfo("insurance", "insurance", "choice", True),
    SlotInfo("consent", "consent", "yes_no", True),
)
GREETING = "Thank you for calling Riverside Family Clinic. May I have your first and last name, please?"


def spoken(
    text: str, at_s: float, revision: int, unspoken: str = "", timed: TurnTimed | None = None
) -> list[Moment]:
    """A reply as it is told while it is spoken: whispered, then out word by word, all but `unspoken`."""
    reply = f"{text} {unspoken}".strip()
    return [
        Whispered(revision, f"You are Claire. Say: {reply}", reply, at_s, True),
        FloorHeld("agent", "turn", "agent", at_s),
        *([timed] if timed else []),
        *(AgentSaid(word, at_s, at_s, at_s, revision) for word in text.split()),
    ]


def turn(number: int, latency_ms: float, at_s: float, route: str = "answer") -> TurnTimed:
    first_sample_s = at_s + latency_ms / 1000
    return TurnTimed(number, at_s, at_s, first_sample_s, latency_ms, 12.0, None, route, False, at_s)


def answered() -> list[Moment]:
    """Some turns of a call: a correction, a digression with a look-up, a backchannel, an interruption."""
    name, number = "Dana Kowalski", "5 5 5. 0 1 4 2. 8 7 6"
    return [
        AgentCeased(5.0, False, ""),
        FloorHeld("caller", "turn", "caller", 5.6),
        CallerWords("dana kowalski", True, 5.6, 6.8, 7.1, 0.91),
        SlotChanged("name", name, name, "heard", 0.91, 7.1),
        *spoken(f"I have {name}. Is that right?", 7.3, 2, timed=turn(1, 512, 7.1)),
        AgentCeased(9.0, False, ""),
        CallerWords("yes it is", True, 9.4, 10.0, 10.3, 0.97),
        SlotChanged("name", name, name, "confirmed", 0.97, 10.3),
        *spoken(
            "What is your date of birth? You can say",
            10.5,
            3,
            "the month, the day and the year.",
            turn(2, 488, 10.3),
        ),
        AgentCeased(13.0, True, "the month, the day and the year."),
        CallerWords("do you take walk ins", True, 12.8, 14.0, 14.4, 0.55, "do you take walkins"),
        LookedUp("do you take walk ins", ("Visiting", "Appointments"), 9.4, True, True, 13.6),
        *spoken("Yes, on weekdays before ten.", 14.6, 4, timed=turn(3, 641, 14.4, "digression")),
        CallerWords("mm-hm", True, 16.0, 16.3, 16.3, 0.8, backchannel=True),
        AgentSaid("So, what is your date of birth?", 17, 18.9, 18.9, 4),
        AgentCeased(19.0, False, ""),
        CallerWords("march third nineteen eighty five", True, 19.5, 21.9, 22.2, 0.95),
        SlotChanged("date_of_birth", "1985-03-03", "March 3, 1985", "confirmed", 0.95, 22.2),
        SlotChanged("phone", "5550142876", number, "heard", 0.88, 25.0),
        SlotChanged("allergies", None, "no allergies", "declined", 0.9, 26.0),
        Trouble("recogniser", "the grammar ear was started again", 27.0),
        *spoken("Your phone number is", 27.4, 6, f"{number}. Is that right?", turn(4, 1030, 22.2)),
        CallerWords("yes and my insurance is", False, 29.0, 30.2, 30.2),
    ]


@dataclass(eq=False)
class ScriptedCall:
    """A `LiveCall`: 20 ms at a time, by the wall clock."""

    id: str = "c-scripted"
    rate_hz: int = RATE_HZ
    heard: list[Block] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    keyed: list[str] = field(default_factory=list)
    ended: list[Why] = field(default_factory=list)
    told: list[Moment] = field(default_factory=list)
    humming: bool = True
    token: str = "secret"
    end: End = "over"
    lines: list[str] = field(default_factory=list)  # "lost" and "back", as it was told
    ahead_blocks: int = 0  # sent at once, as after a line that stood still

    def __post_init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        self._news = asyncio.Event()
        self.tell(CallOpened(self.id, "short", "Intake of a new patient by phone", "Claire", RATE_HZ, SLOTS))
        self.tell(*spoken(GREETING, 0.2, 1))

    def tell(self, *moments: Moment) -> None:
        self.told.extend(moments)
        self._news.set()
        self._news = asyncio.Event()

    def feed(self, block: Block) -> None:
        self.heard.append(block)

    def type(self, text: str) -> None:
        self.typed.append(text)
        self.humming = False
        if text == "show me everything":
            self.tell(*answered())
        elif text == "stop":
            self.tell(AgentCeased(1.0, True, ""))
        else:
            self.tell(CallerWords(text, True, 1.0, 1.0, 1.0, 1.0))

    def press(self, keys: str) -> None:
        self.keyed.append(keys)
        if keys == "#":
            self.tell(CallerWords("".join(self.keyed), True, 1.0, 1.0, 1.0, 1.0))

    async def hang_up(self, why: Why = "caller_hung_up") -> None:
        if not self.ended:
            self.ended.append(why)
            self.tell(CallClosed("hung_up", 31.0, "2 of 6 fields confirmed"))
            self._over.set()

    def line_lost(self) -> None:
        self.lines.append("lost")

    async def line_back(self) -> None:
        if self.lines and self.lines[-1] == "lost":
            self.lines.append("back")

    def suspend(self, end: End = "suspended") -> None:
        """What speaks for the agent is gone, or the server is; the caller may come back."""
        self.end = end
        self._over.set()
        self._news.set()

    def fail(self) -> None:
        """A fault of ours ends the call."""
        self.end = "failed"
        self.tell(CallClosed("hung_up", 31.0, "2 of 6 fields confirmed"))
        self._over.set()
        self._news.set()

    def go_on(self) -> None:
        """Take a call up that was suspended."""
        self.end, self._over, self._news = "over", asyncio.Event(), asyncio.Event()
        self.tell(*spoken("I am sorry, we were cut off.", 9.0, 9), AgentCeased(10.0, False, ""))

    async def audio(self) -> AsyncIterator[Exchange]:
        began = asyncio.get_running_loop().time()
        number = 0
        while not self._over.is_set():
            yield Exchange(np.zeros(BLOCK, np.float32), self._hum(number), number * BLOCK_S)
            number += 1
            if number < self.ahead_blocks:
                continue
            await asyncio.sleep(
                max(0.0, began + (number - self.ahead_blocks) * BLOCK_S - asyncio.get_running_loop().time())
            )

    async def moments(self) -> AsyncIterator[Moment]:
        at = 0
        while True:
            while at < len(self.told):
                yield self.told[at]
                at += 1
            if self._over.is_set():
                return
            await self._news.wait()

    def sound(self) -> NDArray[np.float32]:
        """Everything heard so far, float32 [samples]."""
        return np.concatenate([np.zeros(0, np.float32), *self.heard])

    def _hum(self, number: int) -> Block:
        if not self.humming:
            return np.zeros(BLOCK, np.float32)
        samples = np.arange(number * BLOCK, (number + 1) * BLOCK)
        return (0.3 * np.sin(2 * np.pi * HUM_HZ * samples / RATE_HZ)).astype(np.float32)


class ScriptedCalls:
    def __init__(self, refusal: Exception | None = None) -> None:
        self.refusal = refusal
        self.ahead_blocks = 0
        self.came_back, self.busy_for = 0, 0  # how often; and how often there is no seat then
        self.opened: list[ScriptedCall] = []

    async def open_call(self, flow: str, *, number: str = "", resumable: bool = True) -> ScriptedCall:
        if self.refusal is not None:
            raise self.refusal
        self.opened.append(ScriptedCall(ahead_blocks=self.ahead_blocks))
        return self.opened[-1]

    async def resume(self, call: str, token: str, source_of: SourceOf) -> ScriptedCall:
        if (call, token) != (self.call.id, self.call.token) or self.call.ended:
            raise WrongToken("there is no call to go on with by this token")
        self.came_back += 1
        if self.came_back <= self.busy_for:
            raise NoSeat(4)
        if self.call.end != "over":
            self.call.go_on()
        return self.call

    def suspend(self, end: End = "suspended") -> None:
        """From the test's thread."""
        self.call.loop.call_soon_threadsafe(self.call.suspend, end)

    def fail(self) -> None:
        """From the test's thread."""
        self.call.loop.call_soon_threadsafe(self.call.fail)

    def tell(self, *moments: Moment) -> None:
        """From the test's thread."""
        call = self.opened[-1]
        call.loop.call_soon_threadsafe(call.tell, *moments)

    @property
    def call(self) -> ScriptedCall:
        return self.opened[-1]
