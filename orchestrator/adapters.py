"""Starts the front-end and the understander that the settings name. Stores: `orchestrator.stores`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio

from duplex_frontend.cascade.frontend import Cascade
from duplex_frontend.engine.call import Speech
from duplex_frontend.engine.client import at
from duplex_frontend.engine.frontend import PersonaPlex
from orchestrator.settings import Settings
from orchestrator.telemetry import Happened, log
from reasoner.ports import Understander
from reasoner.understand import ParserUnderstander
from reasoner.understand.llm import ModelUnderstander, Pace
from reasoner.understand.llm_chat import Endpoint, OpenAiChat


async def start_front_end(settings: Settings, spares: int) -> Cascade | PersonaPlex:
    """What speaks. Close it.

    Args:
        spares: recognisers kept ready for calls to come.

    Raises:
        NoVoice: nothing on this machine can speak.
        EngineLost, EngineError: the duplex engine does not answer, or lets us not in.
    """
    if settings.front_end == "personaplex":
        engine = settings.engine
        return await PersonaPlex.start(
            at(engine.address, engine.token), speech=Speech(engine.speech), voice=settings.voice
        )
    return await Cascade.start(
        seats=settings.max_calls, tuning=settings.cascade, voice=settings.voice, spares=spares
    )


@asynccontextmanager
async def open_understander(settings: Settings) -> AsyncIterator[Understander]:
    """The parsers, and where the deployment has one, a model beside them. One for all calls."""
    parsers = ParserUnderstander()
    llm = settings.llm
    if not llm.base_url:
        yield parsers
        return
    chat = OpenAiChat(Endpoint(llm.base_url, llm.model, llm.api_key, llm.dialect, llm.max_tokens))
    model = ModelUnderstander(parsers, chat, Pace(llm.budget_ms, llm.always))
    model.on_failure = lambda why: log(Happened.MODEL_LEFT_OUT, why=why.value)
    try:
        yield model
    finally:
        await shielded(chat.aclose)


async def shielded(close: Callable[[], Awaitable[None]]) -> None:
    """Close even while everything is being cancelled."""
    with anyio.CancelScope(shield=True):
        await close()
