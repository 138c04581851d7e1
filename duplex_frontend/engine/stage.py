"""All calls of an engine, moved on by one thread: orders in, a tick of the batch, news out.

`open` and what a `StageCall` offers may be called from another thread; they wait for nothing. `tick` is the
clock's. Nothing is parsed, tokenized, logged or awaited in it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from duplex_frontend.engine.batch import Batch, Said
from duplex_frontend.engine.director import Director
from duplex_frontend.engine.errors import PromptTooLong
from duplex_frontend.engine.prompter import Change, Outcome, Prompter
from duplex_frontend.engine.rows import Seat
from duplex_frontend.engine.script import HOLD_FRAMES
from duplex_frontend.engine.seats import (
    Holding,
    Hushing,
    Leaving,
    Left,
    LineDone,
    Order,
    Played,
    Role,
    RoleDone,
    Seated,
    Seating,
    StageCall,
    Unseated,
    Words,
)
from duplex_frontend.engine.tokens import FRAMES_PER_S, TEXT
from duplex_frontend.engine.words import Heard
from duplex_frontend.errors import NoSeat

LATE_MS = 1000 / FRAMES_PER_S


class Hearing(Protocol):
    """A recogniser that listens to all rows within the batch's tick."""

    def seat(self, seat: Seat) -> None: ...

    def leave(self, seat: Seat) -> None: ...

    def heard(self) -> Mapping[Seat, Heard]:
        """What the last tick made known, of the seats that moved in it."""
        ...


class Stage:
    """Owns a batch, its prompter and its recogniser.

    Args:
        hearing: None where no recogniser is loaded.
        now: seconds of a clock that only goes forward.
    """

    def __init__(
        self,
        batch: Batch,
        prompter: Prompter,
        hearing: Hearing | None = None,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._batch, self._prompter, self._hearing, self._now = batch, prompter, hearing, now
        self._calls: list[StageCall] = []  # the clock's
        self._by_seat: dict[Seat, StageCall] = {}
        self._coming: list[StageCall] = []
        self._door = threading.Lock()  # held for a few instructions; over `_free` and `_coming`
        self._free = batch.rows.size
        self.ticks = 0

    @property
    def rows(self) -> int:
        return self._batch.rows.size

    @property
    def free(self) -> int:
        """Seats that can be taken now."""
        return self._free

    @property
    def hears(self) -> bool:
        return self._hearing is not None

    # --- any thread ----------------------------------------------------------------------------------------

    def open(self, seating: Seating) -> StageCall:
        """Take a seat; the call is seated by the next tick and tells so.

        Raises:
            NoSeat: full; said at once.
        """
        call = StageCall(director=Director(quiet=seating.quiet))
        call.order(seating)
        with self._door:
            if self._free == 0:
                raise NoSeat(self.rows)
            self._free -= 1
            self._coming.append(call)
        return call

    def leave(self, call: StageCall, why: str) -> None:
        """Hang up. The seat can be taken again at once. Safe to call twice."""
        with self._door:
            if call.over:
                return
            call.order(Leaving(why))
            call.over = True
            self._free += 1

    # --- the clock -----------------------------------------------------------------------------------------

    def tick(self, late_ms: float = 0.0) -> None:
        """Move all calls on by a frame, then read a bounded piece of the prompts that wait."""
        self._let_in()
        for call in tuple(self._calls):
            while call.orders:
                self._obey(call, call.orders.popleft())
        self._play(late_ms)
        for receipt in self._prompter.pump(self._now()):
            owner = self._by_seat.get(receipt.seat)
            if owner is None:
                continue
            if receipt.outcome is Outcome.LANDED and owner.frames:
                owner.director.hold(0)  # what it was held back for is in
            owner.tell(RoleDone(receipt.revision, receipt.outcome, receipt.frame))
        self.ticks += 1

    def _let_in(self) -> None:
        if not self._coming:
            return
        with self._door:
            coming, self._coming = self._coming, []
        # Those who leave go first: their rows may have been promised to those who come.
        for call in tuple(self._calls):
            if call.over:
                self._remove(call, next(o.why for o in call.orders if isinstance(o, Leaving)))
        for call in coming:
            if call.over:  # it left before it was seated
                call.tell(Left("hung up", 0, 0, 0))
            else:
                self._calls.append(call)
                self._obey(call, call.orders.popleft())

    def _play(self, late_ms: float) -> None:
        frames, ins = {}, {}
        for call in self._calls:
            assert call.seat is not None
            if self._batch.rows.at(call.seat).joined:
                skipped = call.inbox.skipped
                start, count = call.inbox.take(call.frame_in, fresh=call.frames == 0)
                frames[call.seat] = call.frame_in
                ins[call.seat] = start, count, call.inbox.skipped - skipped
        said = self._batch.tick(frames)
        heard = self._hearing.heard() if self._hearing is not None and said else {}
        for seat, one in said.items():
            self._tell(self._by_seat[seat], one, heard.get(seat), ins[seat], late_ms)

    def _tell(
        self, call: StageCall, said: Said, heard: Heard | None, taken: tuple[int, int, int], late_ms: float
    ) -> None:
        start, count, skipped = taken
        call.tell(
            Played(
                call.frames,
                said.sound.copy(),
                int(said.frame[TEXT]),
                heard,
                start,
                count,
                late_ms,
                call.director.line,
                said.confirmed,
                skipped,
            )
        )
        for one in call.director.ended():
            call.tell(LineDone(one, call.frames))
        call.frames += 1
        call.late += late_ms > LATE_MS

    # --- orders --------------------------------------------------------------------------------------------

    def _obey(self, call: StageCall, order: Order) -> None:
        match order:
            case Seating():
                self._seat(call, order)
            case Role():
                self._change(call, order)
            case Words():
                call.director.say(order.line, order.words)
            case Holding():
                call.director.hold(order.frames)
            case Hushing():
                call.director.hush(order.frames)
            case Leaving():
                self._remove(call, order.why)

    def _seat(self, call: StageCall, order: Seating) -> None:
        try:
            seat = self._prompter.seat(order.sampling, order.prompt, order.revision)
        except PromptTooLong as error:
            self._calls.remove(call)
            with self._door:
                if not call.over:
                    call.over = True
                    self._free += 1
            call.tell(Unseated(error.frames, error.window, error.room, str(error)))
            return
        call.seat = seat
        self._by_seat[seat] = call
        self._batch.guide(seat, call.director)
        call.director.hold(HOLD_FRAMES)
        if self._hearing is not None:
            self._hearing.seat(seat)
        call.tell(Seated())

    def _change(self, call: StageCall, order: Role) -> None:
        assert call.seat is not None
        deadline_s = None
        if order.expires_s is not None:
            deadline_s = self._now() + order.expires_s - call.frames / FRAMES_PER_S
        try:
            self._prompter.change(Change(call.seat, order.prompt, order.revision, deadline_s))
        except PromptTooLong as error:
            call.tell(RoleDone(order.revision, None, why=str(error)))

    def _remove(self, call: StageCall, why: str) -> None:
        self._calls.remove(call)
        call.orders.clear()
        if call.seat is not None:
            self._batch.leave(call.seat)
            if self._hearing is not None:
                self._hearing.leave(call.seat)
            del self._by_seat[call.seat]
        call.tell(Left(why, call.frames, call.late, call.inbox.starved))
