"""What every part of a flow file has in common: no unknown keys, never changed after loading."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

NAME = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$"
"""Of slots, steps, gates and the like. Dots come from sub-flows, whose parts are named after the step that calls."""

Name = Annotated[str, StringConstraints(pattern=NAME, max_length=120)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Condition = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
"""An expression over slots, in CEL (cel.dev): `insured && age > 17`. See `flows.conditions`."""
Target = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
"""Where to go: a step, an outcome, `next` (the step below), or `back` (from a visit to where it began)."""


class Part(BaseModel):
    """A part of a flow: no unknown keys, never changed after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _as_list(given: Any) -> Any:
    return (given,) if isinstance(given, str | dict) else given


OneOrMore = BeforeValidator(_as_list)
"""A single item may stand without the brackets of a list."""
