"""A request is what servers of either dialect take, and its key goes nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from reasoner.understand.llm_chat import ChatFailed, Endpoint, OpenAiChat, Why
from tests.reasoner.understand.double_of_an_openai_server import (
    KEY,
    MODEL,
    DoubleOfAnOpenAiServer,
    Reply,
    served,
)

pytestmark = pytest.mark.anyio
MESSAGES = ({"role": "system", "content": "s"}, {"role": "user", "content": '{"caller_said": "x"}'})
SCHEMA = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def double() -> AsyncIterator[DoubleOfAnOpenAiServer]:
    async with served() as server:
        yield server


async def ask(endpoint: Endpoint) -> str:
    chat = OpenAiChat(endpoint)
    try:
        return await chat.ask(MESSAGES, SCHEMA)
    finally:
        await chat.aclose()


async def test_the_common_dialect_asks_for_the_likeliest_answer(double: DoubleOfAnOpenAiServer) -> None:
    assert await ask(Endpoint(double.base_url + "/", MODEL, KEY, max_tokens=77)) == "{}"
    (asked,) = double.asked
    assert (asked.body["max_tokens"], asked.body["temperature"]) == (77, 0)
    assert asked.body["response_format"]["json_schema"]["strict"] is True
    assert "max_completion_tokens" not in asked.body


async def test_the_other_dialect_leaves_out_what_reasoning_models_refuse(
    double: DoubleOfAnOpenAiServer,
) -> None:
    await ask(Endpoint(double.base_url, MODEL, KEY, dialect="openai", max_tokens=77))
    (asked,) = double.asked
    assert asked.body["max_completion_tokens"] == 77
    assert not {"max_tokens", "temperature"} & set(asked.body)


async def test_nothing_packed_is_asked_for(double: DoubleOfAnOpenAiServer) -> None:
    await ask(Endpoint(double.base_url, MODEL, KEY))
    assert double.asked[0].headers["accept-encoding"] == "identity"


async def test_a_key_does_not_follow_to_another_address(double: DoubleOfAnOpenAiServer) -> None:
    async with served() as other:
        away = (("Location", f"{other.base_url}/chat/completions"),)
        double.answer = lambda asked: Reply(307, (b"",), headers=away)
        with pytest.raises(ChatFailed) as caught:
            await ask(Endpoint(double.base_url, MODEL, KEY))
        assert caught.value.why is Why.REJECTED
        assert other.asked == [] and other.refused == []


async def test_a_proxy_of_the_environment_is_not_used(
    double: DoubleOfAnOpenAiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert await ask(Endpoint(double.base_url, MODEL, KEY)) == "{}"


async def test_a_key_is_not_shown() -> None:
    assert KEY not in repr(Endpoint("http://127.0.0.1:1/v1", MODEL, KEY))
