"""What the API takes and gives, as JSON: what all shapes have in common. The client reads the same."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

T = TypeVar("T")


class Given(BaseModel):
    """What the API gives. A client passes over fields that it does not know."""

    model_config = ConfigDict(frozen=True)


class Wanted(BaseModel):
    """What the API takes: no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Page(Given, Generic[T]):
    """`next`: give it as `cursor` for the page after this; null on the last one."""

    items: tuple[T, ...]
    next: str | None = None
