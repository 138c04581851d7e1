"""One question to a language model behind an OpenAI-compatible endpoint, and its answer as text.

Plain `httpx2`, not the `openai` client: all that is needed is a POST, and that client reads replies of any length and
tries again by itself, which a turn of a call has no time for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Protocol

import httpx2
from pydantic import BaseModel, ValidationError

_LONGEST_REPLY = 64 * 1024  # bytes; the longest that is of any use has some 4 KB
_MOST_CONNECTIONS = 64


class Why(StrEnum):
    """Why a model had no say in a turn. Constant words: none of a caller, none of a server."""

    LATE = "late"
    DOWN = "not reached"
    REJECTED = "request rejected"  # 4xx: the key, the model's name, a setting
    BROKEN = "server failed"  # 5xx
    GARBLED = "reply garbled"  # not a chat completion
    TOO_LONG = "reply too long"
    CUT = "answer cut off"  # max_tokens are too few
    REFUSED = "model refused"
    NONSENSE = "answer breaks the schema"
    PAUSED = "left out after failures"


class ChatFailed(Exception):
    """There is no answer. Stays inside this package: the turn goes on without."""

    def __init__(self, why: Why) -> None:
        self.why = why
        super().__init__(why.value)


class Chat(Protocol):
    """Asks a model."""

    async def ask(self, messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any]) -> str:
        """The model's answer: JSON, as it came.

        Args:
            messages: each with `role` and `content`.
            schema: a JSON schema for the answer, fit for strict mode.

        Raises:
            ChatFailed: there is none.
        """
        ...


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is.

    Attributes:
        base_url: up to and with the version: `http://127.0.0.1:8000/v1`.
        key: "" where none is wanted.
        dialect: `common` sends `max_tokens` and a temperature of 0, as vLLM, Ollama, llama.cpp and most others want
            it; `openai` sends `max_completion_tokens` and no temperature, which its reasoning models insist on.
        max_tokens: the longest answer.
    """

    base_url: str
    model: str
    key: str = ""
    dialect: Literal["common", "openai"] = "common"
    max_tokens: int = 400

    def __repr__(self) -> str:
        return f"Endpoint({self.base_url!r}, {self.model!r})"  # a key has no place in a log


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    choices: list[_Choice]


class OpenAiChat:
    """A `Chat` over HTTP. One for a process; `aclose` when done."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._url = httpx2.URL(endpoint.base_url.rstrip("/") + "/chat/completions")
        headers = {"Accept-Encoding": "identity"}  # what is unpacked could be of any length
        if endpoint.key:
            headers["Authorization"] = f"Bearer {endpoint.key}"
        self._client = httpx2.AsyncClient(
            headers=headers,
            timeout=None,  # whoever asks has a budget, and cancels
            limits=httpx2.Limits(max_connections=_MOST_CONNECTIONS),
            trust_env=False,  # only the settings read the environment
        )

    async def aclose(self) -> None:
        await self._client.aclose()

    async def ask(self, messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any]) -> str:
        try:
            async with self._client.stream(
                "POST", self._url, json=self._request(messages, schema)
            ) as response:
                body = await _read(response)
        except httpx2.HTTPError:
            raise ChatFailed(Why.DOWN) from None
        return _content(body)

    def _request(self, messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any]) -> dict[str, Any]:
        form = {"name": "understood", "strict": True, "schema": schema}
        request: dict[str, Any] = {
            "model": self._endpoint.model,
            "messages": list(messages),
            "response_format": {"type": "json_schema", "json_schema": form},
        }
        if self._endpoint.dialect == "openai":
            return request | {"max_completion_tokens": self._endpoint.max_tokens}
        return request | {"max_tokens": self._endpoint.max_tokens, "temperature": 0}


async def _read(response: httpx2.Response) -> bytes:
    if response.status_code >= 500:
        raise ChatFailed(Why.BROKEN)
    if response.status_code != 200:
        raise ChatFailed(Why.REJECTED)
    body = bytearray()
    async for part in response.aiter_raw():  # what comes packed all the same stays so, and is no JSON
        body += part
        if len(body) > _LONGEST_REPLY:
            raise ChatFailed(Why.TOO_LONG)
    return bytes(body)


def _content(body: bytes) -> str:
    try:
        completion = _Completion.model_validate_json(body)
    except ValidationError:
        raise ChatFailed(Why.GARBLED) from None
    if not completion.choices:
        raise ChatFailed(Why.GARBLED)
    choice = completion.choices[0]
    if choice.message.refusal or choice.finish_reason == "content_filter":
        raise ChatFailed(Why.REFUSED)
    if choice.finish_reason == "length":
        raise ChatFailed(Why.CUT)
    if choice.message.content is None:
        raise ChatFailed(Why.GARBLED)
    return choice.message.content
