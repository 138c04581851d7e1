"""What goes over the websocket of a call, and what does not. Documented in docs/wire.md."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from duplex_frontend.types import BLOCK_MS, Block
from orchestrator.calls import Why
from orchestrator.errors import OrchestratorError
from reasoner.understand.keypad import MOST_KEYS

CLOSE_DONE = 1000
CLOSE_REFUSED = 1008  # no such flow or call: trying again does not help
CLOSE_FAILED = 1011  # a fault of ours
CLOSE_RESTARTING = 1012  # the same as 4000, while the server is being restarted
CLOSE_TRY_LATER = 1013  # no seat, no voice, no store; no calls are taken any more
CLOSE_SUSPENDED = 4000  # the call waits for its client to come back with the token
CLOSE_ELSEWHERE = 4001  # the call has another line now
WHY_BY_CODE: dict[int, Why] = {1000: "caller_hung_up", 1001: "caller_hung_up", 1012: "stopped"}
BYTES_PER_SAMPLE = 2
_FULL_SCALE = 32768


@dataclass(frozen=True, slots=True)
class LineLimits:
    """What one client may ask of us, and how long we wait for it."""

    blocks_per_message: int = 50  # 1 s of audio
    text_chars: int = 500
    audio_waiting: int = 50  # blocks towards a slow client
    words_waiting: int = 64
    send_within_s: float = 15.0
    save_within_s: float = 10.0
    last_words_within_s: float = 2.0
    token_within_s: float = 5.0


class BadRequest(OrchestratorError):
    """A client sent something that the protocol does not have. The call goes on."""


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Typed(_Request):
    """What the caller typed instead of saying it."""

    type: Literal["text"]
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Keyed(_Request):
    """Keys of a telephone that the caller pressed: one, or several in their order."""

    type: Literal["keys"]
    keys: Annotated[str, StringConstraints(pattern=rf"^[0-9*#]{{1,{MOST_KEYS}}}$")]


class HangUp(_Request):
    type: Literal["hang_up"]


class Resume(_Request):
    """The first message of a client that comes back. The token is no part of the address: those are written down."""

    type: Literal["resume"]
    token: Annotated[str, StringConstraints(min_length=1, max_length=200)]


Request = Typed | Keyed | HangUp
_request: TypeAdapter[Request] = TypeAdapter(Annotated[Request, Field(discriminator="type")])


def read_request(text: str, most_chars: int) -> Request:
    """Raises BadRequest. `most_chars`: of what is typed."""
    try:
        request = _request.validate_json(text)
    except ValidationError:
        raise BadRequest(
            'this message was left out: send {"type":"text","text":"..."} with some text, {"type":"keys","keys":"12#"} '
            f'with 1 to {MOST_KEYS} of the keys 0 to 9, * and #, or {{"type":"hang_up"}}'
        ) from None
    if isinstance(request, Typed) and len(request.text) > most_chars:
        raise BadRequest(f"this text is too long: send at most {most_chars} characters")
    return request


def read_token(text: str) -> str:
    """Raises BadRequest."""
    try:
        return Resume.model_validate_json(text).token
    except ValidationError:
        raise BadRequest(
            'a call is resumed with {"type":"resume","token":"..."} as the first message'
        ) from None


def to_pcm(block: Block) -> bytes:
    """float32 [samples] -1..1 → 16 bit little-endian; what is louder is clipped."""
    return np.clip(np.rint(block * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1).astype("<i2").tobytes()


def from_pcm(pcm: bytes) -> Block:
    """16 bit little-endian → float32 [samples] -1..1."""
    return np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(_FULL_SCALE)


def error_message(message: str) -> str:
    return json.dumps({"type": "error", "message": message}, ensure_ascii=False)


def token_message(call: str, token: str) -> str:
    """What a client needs to come back to its call."""
    return json.dumps({"type": "resumable", "call": call, "token": token})


def dropped_message(blocks: int) -> str:
    told = f"the line is too slow: {blocks * BLOCK_MS} ms of the agent's voice were dropped"
    return json.dumps({"type": "dropped", "ms": blocks * BLOCK_MS, "message": told})
