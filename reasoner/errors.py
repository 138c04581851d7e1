"""What can go wrong in the reasoner. One root."""

from __future__ import annotations

from collections.abc import Sequence


class ReasonerError(Exception):
    """The reasoner cannot do what was asked. The text says where, what, and how to mend it."""


class UnknownLanguage(ReasonerError):
    """A flow is in a language for which there are no spoken forms."""

    def __init__(self, tag: str, known: Sequence[str]) -> None:
        self.tag = tag
        self.known = tuple(known)
        super().__init__(
            f"no spoken forms for the language {tag!r}; known are {', '.join(self.known)}. "
            "Set `language` in the flow to one of them, or add its tables to reasoner/understand"
        )
