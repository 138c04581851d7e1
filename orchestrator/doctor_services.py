"""What the doctor asks over the network: the duplex engine, the language model, stores, the collector of traces."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

import anyio
import httpx2

from duplex_frontend.engine import wire
from duplex_frontend.engine.client import EngineClient, at
from duplex_frontend.errors import FrontendError
from orchestrator.doctor import Finding, State
from orchestrator.errors import BadSettings
from orchestrator.settings import Settings

_WITHIN_S = 5.0


async def duplex_engine(settings: Settings) -> Sequence[Finding]:
    """Shakes hands with the engine, and takes no seat."""
    what, engine = "duplex engine", settings.engine
    needed = settings.front_end == "personaplex"
    if not engine.address:
        says = (
            "front_end is cascade: the embedded speech system"
            if not needed
            else "engine.address says nowhere"
        )
        return (Finding(what, State.MISSING if needed else State.UNUSED, says),)
    try:
        client = await EngineClient.connect(at(engine.address, engine.token, "souffleur doctor"))
    except (FrontendError, wire.WireError, BadSettings) as error:
        state = State.MISSING if needed else State.LOOK
        return (Finding(what, state, str(error), "start it, or set engine.address and engine.token_env"),)
    welcome = client.welcome
    await client.aclose()
    ears = "with a recogniser" if welcome.hears else "without a recogniser"
    says = f"{welcome.family} at {engine.address}: {welcome.free} of {welcome.rows} seats free, {ears}"
    if not welcome.hears:
        return (Finding(what, State.LOOK, says, "start it with --stt: without it no caller is understood"),)
    return (Finding(what, State.OK, says),)


async def language_model(settings: Settings) -> Sequence[Finding]:
    """Asks the endpoint which models it serves. No question is put to one."""
    what, llm = "language model", settings.llm
    if not llm.base_url:
        return (Finding(what, State.UNUSED, "llm.base_url is empty: the parsers alone understand"),)
    try:
        headers = {"authorization": f"Bearer {llm.api_key}"} if llm.api_key else {}
        async with httpx2.AsyncClient(timeout=_WITHIN_S) as client:
            answer = await client.get(f"{llm.base_url.rstrip('/')}/models", headers=headers)
        models = [str(each["id"]) for each in answer.json()["data"]] if answer.status_code == 200 else []
    except BadSettings as error:
        return (Finding(what, State.MISSING, str(error)),)
    except httpx2.HTTPError as lost:
        says = f"{llm.base_url} is not reached ({type(lost).__name__})"
        return (Finding(what, State.MISSING, says, "start it, or set llm.base_url"),)
    except (ValueError, KeyError, TypeError):
        return (Finding(what, State.LOOK, f"{llm.base_url} does not list its models as OpenAI's does"),)
    if answer.status_code in (401, 403):
        return (Finding(what, State.MISSING, f"{llm.base_url} does not take the key", "see llm.api_key_env"),)
    if answer.status_code != 200:
        return (Finding(what, State.LOOK, f"{llm.base_url} answers {answer.status_code} to /models"),)
    if llm.model not in models:
        cure = f"set llm.model to one of: {', '.join(models[:8]) or 'none'}"
        return (Finding(what, State.MISSING, f"{llm.base_url} does not serve {llm.model!r}", cure),)
    return (Finding(what, State.OK, f"{llm.model} at {llm.base_url}"),)


async def collector(settings: Settings) -> Sequence[Finding]:
    """Whether somebody listens where traces go."""
    what, url = "trace collector", settings.telemetry.traces
    if not url:
        return (Finding(what, State.UNUSED, "telemetry.traces is empty: no traces are sent"),)
    place = urlsplit(url)
    port = place.port or (443 if place.scheme == "https" else 80)
    try:
        with anyio.fail_after(_WITHIN_S):
            await (await anyio.connect_tcp(place.hostname or "", port)).aclose()
    except (OSError, TimeoutError):
        cure = "start it, or set telemetry.traces; calls go on without"
        return (Finding(what, State.LOOK, f"nobody listens at {place.hostname}:{port}", cure),)
    return (Finding(what, State.OK, f"listens at {place.hostname}:{port}"),)
