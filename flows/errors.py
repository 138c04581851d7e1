"""What can be wrong with a flow. One root."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class FlowError(Exception):
    """A flow cannot be used. The text says where, what, and how to mend it."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in a flow file. Lines and columns count from 1; 0 where there is no place."""

    file: str
    line: int
    column: int
    rule: str
    cure: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.rule}. {self.cure}" if self.cure else f"{place}: {self.rule}"


class BadFlow(FlowError):
    """A flow file has mistakes; all of them are here."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(m) for m in self.mistakes))


class NoSuchFlow(FlowError):
    """Neither a file nor a flow of the library."""
