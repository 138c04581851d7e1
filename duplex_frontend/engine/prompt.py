"""The hybrid prompt: what a call that began with this voice and role would have read, position by position.

Frames are 17 tokens of the same 80 ms; columns are what the model reads at a position, where seven codebooks
of each side come one position late (see `tokens`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from duplex_frontend.engine.tokens import (
    AGENT,
    CALLER,
    CODEBOOKS,
    DELAYS,
    PAD,
    SILENCE,
    SILENCE_FRAMES,
    SINE,
    TEXT,
    K,
)

LATE = torch.tensor(DELAYS) > 0  # [17], the codebooks that come one position late


@dataclass(frozen=True, slots=True, eq=False)
class SpokenVoice:
    """A voice from a recording. codes: int64 [N, 8], the recording through Mimi."""

    name: str
    codes: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class StoredVoice:
    """A voice as NVIDIA stores them: what the model read, as embeddings.

    Attributes:
        embeddings: [N - 1, D], positions 0 to N - 2.
        last: int64 [17], the column at position N - 1.
        after: int64 [17], whose late codebooks belong to position N.
    """

    name: str
    embeddings: Tensor
    last: Tensor
    after: Tensor


Voice = SpokenVoice | StoredVoice


@dataclass(frozen=True, slots=True)
class Prompt:
    """Where a call starts from. Both may be empty: Moshi has neither.

    Attributes:
        voice: None for none.
        role: tokens of the role text, wrapped; empty for none.
    """

    voice: Voice | None = None
    role: tuple[int, ...] = ()

    @property
    def empty(self) -> bool:
        return self.voice is None and not self.role


@dataclass(frozen=True, slots=True)
class Plan:
    """A prompt laid out over positions 0 to `length` - 1.

    Attributes:
        embeddings: [E, D], what stands at positions 0 to E - 1, or None where E is 0.
        columns: int64 [length - E, 17], the positions after them.
        last: int64 [17], the last frame; its late codebooks belong to position `length`.
        shared: positions that every prompt with this voice has in common.
    """

    embeddings: Tensor | None
    columns: Tensor
    last: Tensor
    shared: int

    @property
    def stored(self) -> int:
        return 0 if self.embeddings is None else len(self.embeddings)

    @property
    def length(self) -> int:
        return self.stored + len(self.columns)


def wrapped(role: str, encode: Callable[[str], Sequence[int]]) -> tuple[int, ...]:
    """A role text as PersonaPlex was trained to read it. An empty text is no role."""
    role = " ".join(role.split())
    return tuple(encode(f"<system> {role} <system>")) if role else ()


def initial_column(card: int, text_card: int) -> Tensor:
    """int64 [17], what stands where there is nothing yet."""
    return torch.tensor([text_card] + [card] * (K - 1))


def columns_of(frames: Tensor, before: Tensor) -> Tensor:
    """Lay frames out over as many positions.

    Args:
        frames: int64 [N, 17].
        before: int64 [17], the frame before them.

    Returns:
        int64 [N, 17].
    """
    count = len(frames)
    assert frames.shape == (count, K), frames.shape
    assert before.shape == (K,), before.shape
    late = torch.cat([before[None], frames])[:count]
    return torch.where(LATE, late, frames)


def opening_columns(frames: Tensor, initial: Tensor) -> Tensor:
    """The same for a call's very first frames: position 0 and the late codebooks of position 1 are `initial`,
    so nothing of frame 0 is ever read (both upstream implementations do this)."""
    columns = columns_of(frames, initial)
    columns[:1] = initial
    columns[1:2] = torch.where(LATE, initial, columns[1:2])
    return columns


def prompt_frames(prompt: Prompt) -> tuple[Tensor, int]:
    """The frames of a prompt as tokens (without those of a stored voice), and how many come before the role."""
    if prompt.empty:
        return torch.zeros(0, K, dtype=torch.long), 0
    voice = prompt.voice.codes if isinstance(prompt.voice, SpokenVoice) else torch.zeros(0, CODEBOOKS)
    rest, spoken = [PAD] * SILENCE_FRAMES, len(voice)
    text = torch.tensor([*[PAD] * spoken, *rest, *prompt.role, *rest])
    frames = torch.empty(len(text), K, dtype=torch.long)
    frames[:, TEXT] = text
    frames[:spoken, AGENT] = voice
    frames[spoken:, AGENT] = torch.tensor(SILENCE)
    frames[:, CALLER] = torch.tensor(SINE)
    return frames, spoken + SILENCE_FRAMES


def plan(prompt: Prompt, initial: Tensor, history: Tensor | None = None) -> Plan:
    """Lay out a prompt, with what was said since behind it.

    Args:
        prompt: not empty, unless there is a history.
        initial: see `initial_column`.
        history: int64 [M, 17], complete frames of the call, or None.
    """
    frames, shared = prompt_frames(prompt)
    if history is not None:
        assert history.shape[1:] == (K,), history.shape
        frames = torch.cat([frames, history])
    assert len(frames), "an empty prompt has nothing to lay out"
    voice = prompt.voice
    if not isinstance(voice, StoredVoice):
        return Plan(None, opening_columns(frames, initial), frames[-1], shared)
    columns = torch.cat([voice.last[None], columns_of(frames, voice.after)])
    return Plan(voice.embeddings, columns, frames[-1], len(voice.embeddings) + 1 + shared)


def agent_codes(frames: Tensor) -> Tensor:
    """[..., 17] to [..., 8]."""
    assert frames.shape[-1] == K
    return frames[..., AGENT]


def text_tokens(frames: Tensor) -> Tensor:
    """[..., 17] to [...]."""
    return frames[..., TEXT]


def caller_codes(frames: Tensor) -> Tensor:
    """[..., 17] to [..., 8]."""
    codes = frames[..., CALLER]
    assert codes.shape[-1] == CODEBOOKS
    return codes
