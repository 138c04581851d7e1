"""The engine's side of the wire: many clients, many calls each, one stage.

A client that vanishes leaves its calls seated for a grace time, within which it may come back and go on with them.
One that reads too slowly gets frames without their sound, and where that does not help it is hung up on.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import structlog

from duplex_frontend.engine import wire
from duplex_frontend.engine.desk import Desk, NotServed, Served, UnknownVoice, spell
from duplex_frontend.engine.pipe import GREET_WITHIN_S, Pipe, greet_client
from duplex_frontend.engine.prompt import Prompt
from duplex_frontend.engine.seats import (
    Holding,
    Hushing,
    Left,
    LineDone,
    News,
    Order,
    Played,
    Role,
    RoleDone,
    Seated,
    StageCall,
    Unseated,
)
from duplex_frontend.errors import NoSeat

GRACE_S: Final = 10.0
MOST_FAULTS: Final = 100  # of a connection; then it is hung up on
_UNSENT: Final = 192 << 10  # bytes a call that may wait for a reader: 2 s of its sound
_MESSAGES_PER_S: Final = 400  # of a connection, and half as many again for each of its calls

_log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class _Held:
    """A seated call. guest: who it belongs to, None within the grace time. number: of the guest's choosing."""

    call: StageCall
    desk: Desk
    ticket: str
    guest: _Guest | None
    number: int
    opened: bool = False
    sounds_lost: int = 0
    ends: asyncio.TimerHandle | None = None


@dataclass(slots=True, eq=False)
class _Guest:
    """A connection."""

    pipe: Pipe
    calls: dict[int, _Held]
    faults: int = 0

    @property
    def slow(self) -> float:
        """How full its buffer is; over 1 its frames lose their sound."""
        return self.pipe.unsent / (_UNSENT * (1 + len(self.calls)))


class _Pace:
    """A flood is read no faster than this."""

    def __init__(self) -> None:
        self._left, self._at = 2.0 * _MESSAGES_PER_S, time.monotonic()

    async def take(self, calls: int) -> None:
        rate, now = _MESSAGES_PER_S * (1 + calls / 2), time.monotonic()
        self._left = min(2 * rate, self._left + (now - self._at) * rate) - 1
        self._at = now
        if self._left < 0:
            await asyncio.sleep(-self._left / rate)


class EngineServer:
    """Serves clients from one event loop. `deliver` is to run on it after each tick.

    Args:
        grace_s: how long the calls of a vanished client stay seated.
        token: what clients have to know; empty for none.
    """

    def __init__(self, served: Served, *, grace_s: float = GRACE_S, token: str = "") -> None:
        self._served, self._grace_s, self._token = served, grace_s, token
        self._stage = served.stage
        self._held: dict[str, _Held] = {}
        self._guests: set[_Guest] = set()
        self._id = secrets.token_hex(8)

    @property
    def calls(self) -> int:
        """Seated, those of vanished clients included."""
        return len(self._held)

    # --- connections ---------------------------------------------------------------------------------------

    async def serve_stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end; for `asyncio.start_server`."""
        try:
            pipe, nonce = await greet_client(reader, writer)
            messages = pipe.messages()
        except wire.WireError as error:
            _log.warning("engine_client_refused", why=str(error))
            with_why = wire.pack(wire.Fault(text=str(error)))
            writer.write(with_why)
            writer.close()
            return
        try:
            async with asyncio.timeout(GREET_WITHIN_S):
                first = await anext(messages, None)
            hello = first[0] if first else None
            if not isinstance(hello, wire.Hello):
                raise wire.WireError("the first message is a 'hello'")
            if self._token and not wire.proves(hello.proof, self._token, nonce):
                raise wire.WireError("the token is not the engine's; set the same on both sides")
        except (wire.WireError, TimeoutError) as error:
            why = str(error) or f"no 'hello' within {GREET_WITHIN_S:.0f} s"
            _log.warning("engine_client_refused", why=why)
            pipe.send(wire.Fault(text=why))
            await pipe.flush()
            await pipe.aclose()
            return
        await self.serve_pipe(pipe)

    async def serve_pipe(self, pipe: Pipe) -> None:
        """Serve a client that is let in."""
        guest = _Guest(pipe, {})
        self._guests.add(guest)
        pipe.send(self._welcome(), self._served.vocabulary)
        pace = _Pace()
        try:
            async for message, body in pipe.messages():
                self._take(guest, message, body)
                if guest.faults > MOST_FAULTS:
                    raise wire.WireError(f"{guest.faults} messages were wrong")
                await pace.take(len(guest.calls))
        except wire.WireError as error:
            _log.warning("engine_client_refused", why=str(error))
            pipe.send(wire.Fault(text=str(error)))
            await pipe.flush()
        finally:
            self._lose(guest)
            await pipe.aclose()

    def _welcome(self) -> wire.Welcome:
        served = self._served
        return wire.Welcome(
            engine=self._id,
            family=served.family,
            rows=self._stage.rows,
            free=self._stage.free,
            window=served.window,
            voices=tuple(served.voices),
            hears=self._stage.hears,
            hears_after_s=served.hears_after_s,
        )

    def _lose(self, guest: _Guest) -> None:
        """Its connection is gone; its calls wait for it."""
        self._guests.discard(guest)
        for held in guest.calls.values():
            held.guest = None
            held.ends = asyncio.get_running_loop().call_later(self._grace_s, self._abandon, held)
        if guest.calls:
            _log.warning("engine_client_lost", calls=len(guest.calls), grace_s=self._grace_s)
        guest.calls = {}

    def _abandon(self, held: _Held) -> None:
        self._held.pop(held.ticket, None)
        self._stage.leave(held.call, "its client did not come back")
        _log.warning("engine_call_abandoned", calls=len(self._held))

    async def aclose(self, why: str = "the engine stops") -> None:
        """Hang up on everybody."""
        for held in tuple(self._held.values()):
            if held.ends is not None:
                held.ends.cancel()
            self._stage.leave(held.call, why)
        self._held.clear()
        for guest in tuple(self._guests):
            guest.calls = {}
            await guest.pipe.aclose()

    # --- what clients want ---------------------------------------------------------------------------------

    def _take(self, guest: _Guest, message: wire.Message, body: bytes) -> None:
        match message:
            case wire.Open():
                self._open(guest, message)
            case wire.Resume():
                self._resume(guest, message)
            case wire.Hello() | wire.Welcome() | wire.Opened() | wire.Refused() | wire.Frame():
                raise wire.WireError(f"a client does not send '{message.kind}' here")
            case wire.LineOver() | wire.Receipt() | wire.Closed() | wire.Fault():
                raise wire.WireError(f"a client does not send '{message.kind}'")
            case _:
                self._ask(guest, message, body)

    def _ask(self, guest: _Guest, message: wire.ToEngine, body: bytes) -> None:
        assert not isinstance(message, wire.Hello)
        held = guest.calls.get(message.call)
        if held is None:
            if not isinstance(message, wire.Close | wire.Sound):  # those cross a 'closed' on its way
                self._fault(guest, message.call, f"there is no call {message.call} on this connection")
            return
        match message:
            case wire.Sound():
                try:
                    held.call.inbox.give(wire.sound_of(body))
                except wire.WireError as error:
                    self._fault(guest, message.call, str(error))
            case wire.Whisper():
                self._whisper(guest, held, message)
            case wire.Say():
                self._say(guest, held, message)
            case wire.Hold():
                self._order(guest, held, Holding(message.frames))
            case wire.Hush():
                self._order(guest, held, Hushing(message.frames))
            case wire.Close():
                self._stage.leave(held.call, "hung up")
                self._forget(held)

    def _open(self, guest: _Guest, asked: wire.Open) -> None:
        if asked.call in guest.calls:
            self._fault(guest, asked.call, f"call {asked.call} is open already; count on")
            return
        try:
            seating = self._served.seating(asked)
            call = self._stage.open(seating)
        except NoSeat as full:
            self._refuse(guest, asked.call, wire.Why.NO_SEAT, str(full), full.seats)
        except UnknownVoice as error:
            self._refuse(guest, asked.call, wire.Why.UNKNOWN_VOICE, str(error))
        except NotServed as error:
            self._refuse(guest, asked.call, wire.Why.NOT_SERVED, str(error))
        else:
            desk = Desk(seating.prompt)
            held = _Held(call, desk, secrets.token_urlsafe(24), guest, asked.call)
            guest.calls[asked.call] = self._held[held.ticket] = held

    def _resume(self, guest: _Guest, asked: wire.Resume) -> None:
        held = self._held.get(asked.ticket)
        if held is None or asked.call in guest.calls:
            text = "the engine holds no such call any more; open it again"
            self._refuse(guest, asked.call, wire.Why.UNKNOWN_TICKET, text)
            return
        if held.ends is not None:
            held.ends.cancel()
        if held.guest is not None:  # the old connection is dead and has not noticed
            held.guest.calls.pop(held.number, None)
        held.guest, held.number, held.ends = guest, asked.call, None
        guest.calls[asked.call] = held
        self._tell_opened(guest, held)

    def _whisper(self, guest: _Guest, held: _Held, asked: wire.Whisper) -> None:
        if held.desk.prompt.empty:
            text = "this call began without a prompt, and its model reads none"
            guest.pipe.send(
                wire.Receipt(
                    call=asked.call, revision=asked.revision, outcome=wire.Outcome.REFUSED, text=text
                )
            )
            return
        prompt = Prompt(held.desk.prompt.voice, self._served.role(asked.role))
        self._order(guest, held, Role(prompt, asked.revision, asked.expires_s))

    def _say(self, guest: _Guest, held: _Held, asked: wire.Say) -> None:
        line = spell(asked, self._served.encode)
        if not line.kept:
            over = wire.LineOver(
                call=asked.call,
                line=asked.line,
                spoken=0,
                started=0,
                left_out=line.left_out,
                frame=held.call.frames,
            )
            guest.pipe.send(over)
        elif self._order(guest, held, line.order):
            held.desk.ordered(line)

    def _order(self, guest: _Guest, held: _Held, order: Order) -> bool:
        taken = held.call.order(order)
        if not taken:
            text = "too much is asked of this call at once; what came last is left out"
            self._fault(guest, held.number, text)
        return taken

    def _refuse(self, guest: _Guest, call: int, why: wire.Why, text: str, *counts: int) -> None:
        guest.pipe.send(wire.Refused(call=call, why=why, text=text, counts=counts))

    def _fault(self, guest: _Guest, call: int, text: str) -> None:
        guest.faults += 1
        guest.pipe.send(wire.Fault(call=call, text=text))

    def _forget(self, held: _Held) -> None:
        """The call is over; what it still tells is that it has left."""
        self._held.pop(held.ticket, None)
        if held.guest is not None:
            held.guest.calls.pop(held.number, None)
            last = held.call
            held.guest.pipe.send(
                wire.Closed(
                    call=held.number,
                    why="hung up",
                    frames=last.frames,
                    late=last.late,
                    starved=last.inbox.starved,
                )
            )

    # --- what the clock tells ------------------------------------------------------------------------------

    def deliver(self) -> None:
        """Pass on what the ticks have left. On the event loop."""
        for held in tuple(self._held.values()):
            if held.guest is not None:
                for message, body in self._messages(held, held.guest):
                    held.guest.pipe.send(message, body)
        for guest in tuple(self._guests):
            if guest.slow > 4:
                _log.warning("engine_client_too_slow", unsent=guest.pipe.unsent)
                self._lose(guest)
                asyncio.ensure_future(guest.pipe.aclose())  # noqa: RUF006 -- bounded to a second by the pipe

    def _messages(self, held: _Held, guest: _Guest) -> Iterator[tuple[wire.Message, bytes]]:
        news = held.call.news
        while news:
            one = news.popleft()
            if isinstance(one, Played):
                # After a break only the newest second has a sound that anybody wants.
                silent = guest.slow > 1 or len(news) > 25
                held.sounds_lost += silent
                body = b"" if silent else one.sound.astype("<f4").tobytes()
                yield held.desk.frame(held.number, one), body
            else:
                message = self._message(held, guest, one)
                if message is not None:
                    yield message, b""

    def _message(self, held: _Held, guest: _Guest, news: News) -> wire.Message | None:
        match news:
            case Seated():
                self._tell_opened(guest, held)
            case Unseated():
                self._held.pop(held.ticket, None)
                guest.calls.pop(held.number, None)
                counts = (news.frames, news.window, news.room)
                return wire.Refused(
                    call=held.number, why=wire.Why.PROMPT_TOO_LONG, text=news.text, counts=counts
                )
            case LineDone():
                return held.desk.line_over(held.number, news)
            case RoleDone():
                return held.desk.receipt(held.number, news)
            case Left() | Played():
                pass
        return None

    def _tell_opened(self, guest: _Guest, held: _Held) -> None:
        opened = wire.Opened(
            call=held.number,
            ticket=held.ticket,
            frame=held.call.frames,
            received=held.call.inbox.given,
        )
        guest.pipe.send(opened)
