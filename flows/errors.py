"""What can be wrong with a flow. One root."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class FlowError(Exception):
    """A flow cannot be used. The text says where, what, and how to mend it."""


class Severity(StrEnum):
    ERROR = "error"  # the flow cannot be used
    WARNING = "warning"  # it can, and is hardly meant so


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in a flow file. Lines and columns count from 1; 0 where there is no place."""

    file: str
    line: int
    column: int
    rule: str
    cure: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        rule = self.rule if self.severity is Severity.ERROR else f"{self.severity}: {self.rule}"
        return f"{place}: {rule}. {self.cure}" if self.cure else f"{place}: {rule}"


class BadFlow(FlowError):
    """A flow file has mistakes; all of them are here, warnings too."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(m) for m in self.mistakes))


class NoSuchFlow(FlowError):
    """Neither a file nor a flow of the library."""
