"""Numbers that are counted from what is known."""

from __future__ import annotations

from dataclasses import dataclass

Number = int | float


@dataclass(frozen=True, slots=True)
class More:
    """`Two more`, or with a negative number `one less`."""

    by: Number

    def than(self, known: object) -> Number | None:
        """The whole, None where that is nothing; where no number is known, so many."""
        total = self.by
        if isinstance(known, int | float) and not isinstance(known, bool):
            total = round(known + self.by, 6)
        return total if total > 0 else None
