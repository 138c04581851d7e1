"""The engine's side of the wire: many clients, many calls each, one stage.

A client that vanishes leaves its calls seated for a grace time, within which it may come back and go on with them.
One that reads too slowly gets frames without their sound, and where that does not help it is hung up on.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Final

import structlog

from duplex_frontend.engine import framing, wire
from duplex_frontend.engine.desk import Desk, NotServed, Served, UnknownVoice, spell
from duplex_frontend.engine.guests import Guest, Held, Pace
from duplex_frontend.engine.pipe import GREET_WITHIN_S, Pipe, greet_client
from duplex_frontend.engine.prompt import Prompt
from duplex_frontend.engine.seats import Holding, Hushing, Order, Role
from duplex_frontend.errors import NoSeat

GRACE_S: Final = 10.0
MOST_FAULTS: Final = 100  # of a connection; then it is hung up on

_log = structlog.get_logger()


class EngineServer:
    """Serves clients from one event loop. `deliver` is to run on it after each tick.

    Args:
        grace_s: how long the calls of a vanished client stay seated.
        token: what clients have to know; empty for none.
    """

    def __init__(self, served: Served, *, grace_s: float = GRACE_S, token: str = "") -> None:
        self._served, self._grace_s, self._token = served, grace_s, token
        self._stage = served.stage
        self._held: dict[str, Held] = {}
        self._guests: set[Guest] = set()
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
            with_why = framing.pack(wire.Fault(text=str(error)))
            writer.write(with_why)
            writer.close()
            return
        try:
            async with asyncio.timeout(GREET_WITHIN_S):
                first = await anext(messages, None)
            hello = first[0] if first else None
            if not isinstance(hello, wire.Hello):
                raise wire.WireError("the first message is a 'hello'")
            if self._token and not framing.proves(hello.proof, self._token, nonce):
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
        guest = Guest(pipe)
        self._guests.add(guest)
        pipe.send(self._welcome(), self._served.vocabulary)
        pace = Pace()
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

    def _lose(self, guest: Guest) -> None:
        """Its connection is gone; its calls wait for it."""
        self._guests.discard(guest)
        for held in guest.calls.values():
            held.guest = None
            held.ends = asyncio.get_running_loop().call_later(self._grace_s, self._abandon, held)
        if guest.calls:
            _log.warning("engine_client_lost", calls=len(guest.calls), grace_s=self._grace_s)
        guest.calls = {}

    def _abandon(self, held: Held) -> None:
        self._drop(held)
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

    def _take(self, guest: Guest, message: wire.Message, body: bytes) -> None:
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

    def _ask(self, guest: Guest, message: wire.ToEngine, body: bytes) -> None:
        assert not isinstance(message, wire.Hello)
        held = guest.calls.get(message.call)
        if held is None:
            if not isinstance(message, wire.Close | wire.Sound):  # those cross a 'closed' on its way
                self._fault(guest, message.call, f"there is no call {message.call} on this connection")
            return
        match message:
            case wire.Sound():
                try:
                    held.call.inbox.give(framing.sound_of(body))
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
                self._drop(held)
                guest.pipe.send(held.closed("hung up"))

    def _open(self, guest: Guest, asked: wire.Open) -> None:
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
            held = Held(call, desk, secrets.token_urlsafe(24), guest, asked.call)
            guest.calls[asked.call] = self._held[held.ticket] = held

    def _resume(self, guest: Guest, asked: wire.Resume) -> None:
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
        guest.pipe.send(held.opened())

    def _whisper(self, guest: Guest, held: Held, asked: wire.Whisper) -> None:
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

    def _say(self, guest: Guest, held: Held, asked: wire.Say) -> None:
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

    def _order(self, guest: Guest, held: Held, order: Order) -> bool:
        taken = held.call.order(order)
        if not taken:
            text = "too much is asked of this call at once; what came last is left out"
            self._fault(guest, held.number, text)
        return taken

    def _refuse(self, guest: Guest, call: int, why: wire.Why, text: str, *counts: int) -> None:
        guest.pipe.send(wire.Refused(call=call, why=why, text=text, counts=counts))

    def _fault(self, guest: Guest, call: int, text: str) -> None:
        guest.faults += 1
        guest.pipe.send(wire.Fault(call=call, text=text))

    # --- what the clock tells ------------------------------------------------------------------------------

    def deliver(self) -> None:
        """Pass on what the ticks have left. On the event loop."""
        for held in tuple(self._held.values()):
            if (guest := held.guest) is not None:
                for message, body in held.messages(slow=guest.slow > 1):
                    guest.pipe.send(message, body)
                    if isinstance(message, wire.Refused):
                        self._drop(held)
        for guest in tuple(self._guests):
            if guest.slow > 4:
                lost = sum(held.sounds_lost for held in guest.calls.values())
                _log.warning("engine_client_too_slow", unsent=guest.pipe.unsent, sounds_lost=lost)
                self._lose(guest)
                asyncio.ensure_future(guest.pipe.aclose())  # noqa: RUF006 -- bounded to a second by the pipe

    def _drop(self, held: Held) -> None:
        self._held.pop(held.ticket, None)
        if held.guest is not None:
            held.guest.calls.pop(held.number, None)
