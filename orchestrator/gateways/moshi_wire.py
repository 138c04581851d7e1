"""What Moshi's and PersonaPlex's clients say when they ring, and the kinds of message that follow.

Sources: `rust/protocol.md` of kyutai-labs/moshi; `server.py` and the web client of both kyutai-labs/moshi and
NVIDIA/personaplex. A message is a binary frame: one byte that says its kind, then what it carries.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from duplex_frontend.types import Drawing, Persona
from orchestrator.errors import OrchestratorError

RATE_HZ = 24_000
REASON_BYTES = 123  # what a close frame has room for
MOST_ROLE_CHARS = 8000
HOTTEST = 10
MOST_CANDIDATES = 250
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_TAG = "<system>"


class Kind(IntEnum):
    HANDSHAKE = 0  # from the server: send sound from now on
    AUDIO = 1  # Ogg-Opus, 24 kHz, mono; pages of one stream over the whole call
    TEXT = 2  # from the server: what the agent says, in UTF-8 pieces that are joined as they come
    CONTROL = 3
    METADATA = 4
    ERROR = 5  # UTF-8
    PING = 6


class BadWish(OrchestratorError):
    """What a client put into its address cannot be meant. Trying again does not help."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client rang for.

    Attributes:
        flow: a flow on offer to be led through, "" for none.
        persona: who it wants to talk to where there is no flow.
    """

    flow: str
    persona: Persona


def read_wish(query: Mapping[str, str]) -> Wish:
    """Read the keys of an address. Moshi's clients send none or how to draw; PersonaPlex's also voice and role.

    Keys that upstream's pages send and its Python servers do not read (`pad_mult`, `email`, ...) are passed over,
    as they do. One seed serves for text and audio.

    Raises:
        BadWish
    """
    flow = query.get("flow", "")
    if not flow and ("text_prompt" in query) != ("voice_prompt" in query):
        missing = "voice_prompt" if "text_prompt" in query else "text_prompt"
        raise BadWish(
            f"{missing} is missing: give text_prompt and voice_prompt (each may be empty), or neither"
        )
    drawing = Drawing(
        seed=_seed(query),
        text_temperature=_temperature(query, "text_temperature"),
        text_top_k=_top_k(query, "text_topk"),
        audio_temperature=_temperature(query, "audio_temperature"),
        audio_top_k=_top_k(query, "audio_topk"),
    )
    role, voice = _role(query.get("text_prompt", "")), _voice(query.get("voice_prompt", ""))
    return Wish(flow, Persona(name="", voice=voice, role=role, drawing=drawing))


def _role(text: str) -> str:
    """Clients may wrap the role in its tags themselves; upstream takes both."""
    if len(text) > MOST_ROLE_CHARS:
        raise BadWish(f"text_prompt has {len(text)} characters; give at most {MOST_ROLE_CHARS}")
    text = text.strip()
    if text.startswith(_TAG) and text.endswith(_TAG):
        text = text[len(_TAG) : -len(_TAG)]
    return text.strip()


def _voice(file: str) -> str:
    """Upstream names the file of a voice; ours go by name. A client cannot name a path."""
    if file and (not _FILE.fullmatch(file) or ".." in file):
        raise BadWish("voice_prompt names no voice; give a name such as NATF0.pt, without a folder")
    return file.removesuffix(".pt").removesuffix(".wav")


def _seed(query: Mapping[str, str]) -> int | None:
    for key in ("seed", "text_seed", "audio_seed"):
        if key in query:
            seed = _number(query, key)
            return None if seed < 0 else int(seed)  # -1 is upstream's "any"
    return None


def _temperature(query: Mapping[str, str], key: str) -> float | None:
    if key not in query:
        return None
    value = _number(query, key)
    if not 0 <= value <= HOTTEST:
        raise BadWish(f"{key} is {query[key][:20]}; give 0 (the likeliest) to {HOTTEST}")
    return value


def _top_k(query: Mapping[str, str], key: str) -> int | None:
    """Upstream lifts what is below 1; beyond 250 there is nothing to be heard, and engines keep no more."""
    return min(max(1, int(_number(query, key))), MOST_CANDIDATES) if key in query else None


def _number(query: Mapping[str, str], key: str) -> float:
    try:
        value = float(query[key])
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or abs(value) >= 2**53:
        raise BadWish(f"{key} is {query[key][:20]!r}; give a number")
    return value


def message(kind: Kind, carried: bytes = b"") -> bytes:
    return bytes((kind,)) + carried


def reason(text: str) -> str:
    """As much of a sentence as a close frame has room for."""
    if len(text.encode()) <= REASON_BYTES:
        return text
    return text.encode()[: REASON_BYTES - 3].decode(errors="ignore") + "..."
