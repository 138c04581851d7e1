"""The tiny engine in this process; time passes when a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np

from duplex_frontend.engine import wire
from duplex_frontend.engine.client import CallNews, EngineCall, EngineClient
from duplex_frontend.engine.desk import Served
from duplex_frontend.engine.local import inside
from duplex_frontend.engine.prompt import SpokenVoice
from duplex_frontend.engine.prompter import open_stage
from duplex_frontend.engine.server import EngineServer
from duplex_frontend.engine.stage import Stage
from tests.engine.alone import model

WINDOW = 256


def served(rows: int = 2, *, now: Callable[[], float] | None = None, history: int = 60) -> Served:
    """An engine with a voice of six frames."""
    one = model()
    batch, prompter = open_stage(one, rows, window=WINDOW, history=history, room=40)
    voice = SpokenVoice("six", np_codes())
    stage = Stage(batch, prompter) if now is None else Stage(batch, prompter, now=now)
    return Served(
        stage=stage,
        family=wire.Flavour.PERSONAPLEX,
        window=WINDOW,
        encode=one.tokenizer.encode,
        vocabulary=one.tokenizer.serialized_model_proto(),
        voices={"six": voice},
    )


def np_codes():  # type: ignore[no-untyped-def]
    import torch

    return torch.from_numpy(np.random.default_rng(3).integers(0, 2048, (6, 8)))


@dataclass
class Driven:
    """A server whose clock the test turns."""

    served: Served
    server: EngineServer
    client: EngineClient
    seen: dict[int, list[CallNews]] = field(default_factory=dict)

    async def pass_frames(self, count: int = 1, late_ms: float = 0.0) -> None:
        for _ in range(count):
            await settle()
            self.served.stage.tick(late_ms)
            self.server.deliver()
            await settle()

    async def open(self, **asked: object) -> EngineCall:
        opening = asyncio.create_task(self.client.open(wire.Open.model_validate({"call": 0, **asked})))
        await settle()
        await self.pass_frames(1)
        return await opening

    async def news(self, call: EngineCall) -> list[CallNews]:
        """What came for a call, all of it."""
        news = self.seen.setdefault(call.number, [])
        while not call.news.empty:
            news.append(await anext(aiter(call.news)))
        return news

    async def frames(self, call: EngineCall) -> list[tuple[wire.Frame, bytes]]:
        return [(m, body) for m, body in await self.news(call) if isinstance(m, wire.Frame)]

    async def of(self, call: EngineCall, kind: type) -> list[wire.Message]:
        return [m for m, _ in await self.news(call) if isinstance(m, kind)]


async def settle() -> None:
    """Let everybody on the loop do what they can."""
    for _ in range(12):
        await asyncio.sleep(0)


@asynccontextmanager
async def driven(engine: Served | None = None, **more: float) -> AsyncIterator[Driven]:
    engine = engine or served()
    server = EngineServer(engine, **more)  # type: ignore[arg-type]
    client = await EngineClient.connect(inside(server))
    try:
        yield Driven(engine, server, client)
    finally:
        await client.aclose()
        await server.aclose()
