"""A connection to an engine and the calls on it. No torch.

It comes back by itself after a broken connection and goes on with its calls; where the engine is gone, or has
given the seats away, every call on it is lost and says so.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from duplex_frontend.channel import Channel
from duplex_frontend.engine import framing, wire
from duplex_frontend.engine.errors import BadVoice, EngineError, PromptTooLong
from duplex_frontend.engine.pipe import Pipe, greet_engine
from duplex_frontend.errors import EngineLost, FrontendError, NoSeat

CONNECT_WITHIN_S: Final = 5.0
OPEN_WITHIN_S: Final = 5.0
_AGAIN_S: Final = (0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 2.0, 2.0)  # between attempts to come back; 8 s in all
_MOST_NEWS: Final = 500
_MOST_UNSENT: Final = 1 << 20  # bytes that the engine has not taken; then sound is left out
_MOST_KEPT: Final = 64  # messages kept for when the connection is back

Connect = Callable[[], Awaitable[tuple[Pipe, wire.Welcome, bytes]]]
"""Makes a connection: the pipe, the engine's welcome, and its vocabulary."""

CallNews = tuple[wire.Frame | wire.LineOver | wire.Receipt | wire.Opened | wire.Fault, bytes]


def at(address: str, token: str = "", name: str = "souffleur") -> Connect:
    """How to connect to an engine: `unix:PATH` or `tcp:HOST:PORT`."""

    async def connect() -> tuple[Pipe, wire.Welcome, bytes]:
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                reader, writer = await _dial(address)
                pipe, nonce = await greet_engine(reader, writer)
                proof = framing.proof_of(token, nonce) if token else ""
                pipe.send(wire.Hello(proof=proof, name=name))
                return await welcomed(pipe)
        except (OSError, TimeoutError) as error:
            why = str(error) or f"no answer within {CONNECT_WITHIN_S:.0f} s"
            raise EngineLost(
                f"there is no engine at {address} ({why}); start one with `souffleur engine serve`"
            ) from error

    return connect


async def _dial(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    kind, _, rest = address.partition(":")
    if kind == "unix" and rest:
        return await asyncio.open_unix_connection(Path(rest))
    host, _, port = rest.rpartition(":")
    if kind == "tcp" and host and port.isdigit():
        return await asyncio.open_connection(host.strip("[]"), int(port))
    raise EngineError(f"'{address}' is no address of an engine; write unix:PATH or tcp:HOST:PORT")


async def welcomed(pipe: Pipe) -> tuple[Pipe, wire.Welcome, bytes]:
    """Wait for the engine's first word.

    Raises:
        EngineError: it lets nobody in. EngineLost: it says nothing.
    """
    first = await anext(pipe.messages(), None)
    if first is not None and isinstance(first[0], wire.Welcome):
        return pipe, *first  # type: ignore[return-value]
    await pipe.aclose()
    if first is not None and isinstance(first[0], wire.Fault):
        raise EngineError(f"the engine lets nobody in: {first[0].text}")
    raise EngineLost("the engine hung up before it said anything")


class EngineCall:
    """A call on an engine. Made by `EngineClient.open`.

    Attributes:
        news: frames, lines, receipts, in order, each with its body; ends with the call. After a broken connection
            an `Opened` comes first.
        lost: why the call ended, where the engine is gone.
    """

    def __init__(self, number: int, client: EngineClient) -> None:
        self.number, self._client = number, client
        self.ticket = ""
        self.news: Channel[CallNews] = Channel(_MOST_NEWS)
        self.lost: EngineLost | None = None
        self.over: wire.Closed | None = None
        self.answer: asyncio.Future[wire.Opened] = asyncio.get_running_loop().create_future()

    def sound(self, block: wire.Pcm) -> bool:
        """The caller's sound: float32, blocks of 20 ms. False where it was left out: nobody takes it."""
        return self._client.sound(self.number, block.astype("<f4", copy=False).tobytes())

    def whisper(self, revision: int, role: str, expires_s: float | None = None) -> None:
        self._client.send(
            wire.Whisper(call=self.number, revision=revision, role=role[:20_000], expires_s=expires_s)
        )

    def say(self, line: int, words: tuple[str, ...]) -> None:
        self._client.send(wire.Say(call=self.number, line=line, words=words))

    def hold(self, frames: int) -> None:
        self._client.send(wire.Hold(call=self.number, frames=frames))

    def hush(self, frames: int) -> None:
        self._client.send(wire.Hush(call=self.number, frames=frames))

    async def aclose(self) -> None:
        """Hang up. Safe to call twice."""
        self._client.hang_up(self)

    def end(self, lost: EngineLost | None = None) -> None:
        """Called by the client: nothing more comes."""
        self.lost = self.lost or lost
        if not self.answer.done():
            self.answer.set_exception(lost or EngineLost("the call was hung up while it was opened"))
            self.answer.exception()  # nobody may be waiting
        self.news.close()


class EngineClient:
    """One connection, many calls. Made by `connect`."""

    def __init__(self, connect: Connect, pipe: Pipe, welcome: wire.Welcome, vocabulary: bytes) -> None:
        self._connect, self._pipe = connect, pipe
        self.welcome, self.vocabulary = welcome, vocabulary
        self._calls: dict[int, EngineCall] = {}
        self._numbers = 0
        self._kept: deque[wire.ToEngine] | None = None  # while the connection is broken
        self._gone: EngineLost | None = None
        self._closed = False
        self._reading = asyncio.create_task(self._read(), name="engine-client")

    @classmethod
    async def connect(cls, connect: Connect) -> EngineClient:
        """Raises EngineLost (nobody there), EngineError (not let in), WireError (something else is there)."""
        return cls(connect, *await connect())

    @property
    def gone(self) -> EngineLost | None:
        """Why the engine is lost; connect anew."""
        return self._gone

    async def open(self, asked: wire.Open) -> EngineCall:
        """Take a seat. `asked.call` is filled in.

        Raises:
            NoSeat: full; said at once.
            PromptTooLong, BadVoice, EngineError: the engine does not take such a call.
            EngineLost
        """
        if self._gone is not None:
            raise self._gone
        self._numbers += 1
        call = self._calls[self._numbers] = EngineCall(self._numbers, self)
        self.send(asked.model_copy(update={"call": call.number}))
        try:
            async with asyncio.timeout(OPEN_WITHIN_S):
                call.ticket = (await asyncio.shield(call.answer)).ticket
        except TimeoutError:
            self.hang_up(call)
            raise EngineLost(f"the engine did not answer within {OPEN_WITHIN_S:.0f} s; it is stuck") from None
        except asyncio.CancelledError:
            self.hang_up(call)
            raise
        return call

    def send(self, message: wire.ToEngine) -> None:
        """Never waits. While the connection is broken it is kept, the newest 64."""
        if self._gone is not None or self._closed:
            return
        if self._kept is None:
            self._pipe.send(message)
        else:
            self._kept.append(message)

    def sound(self, number: int, body: bytes) -> bool:
        if self._kept is not None or self._gone is not None or self._pipe.unsent > _MOST_UNSENT:
            return False
        self._pipe.send(wire.Sound(call=number), body)
        return True

    def hang_up(self, call: EngineCall) -> None:
        if self._calls.pop(call.number, None) is not None:
            self.send(wire.Close(call=call.number))
        call.end()

    async def aclose(self) -> None:
        """Hang up on all calls and disconnect."""
        for call in tuple(self._calls.values()):
            self.hang_up(call)
        self._closed = True
        await self._pipe.flush()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        await self._pipe.aclose()

    # --- what comes ----------------------------------------------------------------------------------------

    async def _read(self) -> None:
        while self._gone is None:
            try:
                async for message, body in self._pipe.messages():
                    self._take(message, body)
                why: Exception = EngineLost("the engine hung up")
            except wire.WireError as error:
                why = error
            await self._pipe.aclose()
            if self._closed:
                return
            self._kept = deque(maxlen=_MOST_KEPT)
            await self._come_back(why)

    async def _come_back(self, why: Exception) -> None:
        for wait_s in _AGAIN_S:
            await asyncio.sleep(wait_s)
            try:
                pipe, welcome, _ = await self._connect()
            except FrontendError as error:
                if isinstance(error.__cause__, ConnectionRefusedError | FileNotFoundError):
                    return self._lose(f"the engine is gone ({why})")
                why = error
                continue
            if welcome.engine != self.welcome.engine:
                await pipe.aclose()
                return self._lose("the engine was started anew and knows nothing of its calls")
            self._pipe, self.welcome = pipe, welcome
            for call in self._calls.values():
                if call.ticket:
                    pipe.send(wire.Resume(call=call.number, ticket=call.ticket))
            kept, self._kept = self._kept or deque(), None
            for message in kept:
                pipe.send(message)
            return None
        return self._lose(f"the engine does not answer any more ({why})")

    def _lose(self, why: str) -> None:
        lost = EngineLost(f"{why}; open the call again, here or on another engine")
        self._gone = lost
        calls, self._calls = tuple(self._calls.values()), {}
        for call in calls:
            call.end(lost)

    def _take(self, message: wire.Message, body: bytes) -> None:
        number = getattr(message, "call", None)
        call = self._calls.get(number) if number is not None else None
        if call is None:
            return  # of a call that we hung up on
        match message:
            case wire.Opened() if not call.answer.done():
                call.answer.set_result(message)
            case wire.Frame() | wire.LineOver() | wire.Receipt() | wire.Opened() | wire.Fault():
                call.news.put((message, body))
            case wire.Refused():
                del self._calls[call.number]
                self._refused(call, message)
            case wire.Closed():
                del self._calls[call.number]
                call.over = message
                call.end(EngineLost(f"the engine ended the call: {message.why}"))

    def _refused(self, call: EngineCall, refused: wire.Refused) -> None:
        if call.answer.done():
            call.end(EngineLost(refused.text))
            return
        error: FrontendError
        match refused.why:
            case wire.Why.NO_SEAT:
                error = NoSeat(refused.counts[0] if refused.counts else self.welcome.rows)
            case wire.Why.PROMPT_TOO_LONG if len(refused.counts) == 3:
                error = PromptTooLong(*refused.counts)
            case wire.Why.UNKNOWN_VOICE:
                error = BadVoice(refused.text)
            case _:
                error = EngineError(refused.text)
        call.answer.set_exception(error)
        call.answer.exception()
        call.news.close()
