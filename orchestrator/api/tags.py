"""Revisions as `ETag` and `If-Match` carry them (RFC 9110)."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import Header

from orchestrator.api.problems import Kind, Problem

TAGGED: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"ETag": {"description": "The revision.", "schema": {"type": "string"}}}}
}
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description='The `ETag` of what was read, such as `"23"`.',
        examples=['"23"'],
        max_length=100,
    ),
]


def tag(revision: int) -> dict[str, str]:
    return {"ETag": f'"{revision}"'}


def revision_of(if_match: str | None, now: int) -> int:
    """The revision that is meant. `now`: the present one, which `*` stands for.

    Raises:
        Problem: none is named, or it is no tag of ours.
    """
    if if_match is None:
        raise Problem(Kind.NO_REVISION, "read it, and send its `ETag` as `If-Match`", headers=tag(now))
    named = [one.strip() for one in if_match.split(",")]
    if "*" in named or f'"{now}"' in named:
        return now
    numbers = [int(found[1]) for one in named if (found := re.fullmatch(r'"(\d{1,9})"', one))]
    if not numbers:
        raise Problem(Kind.BAD_REQUEST, '`If-Match` is a revision in quotes, such as "23"')
    return numbers[0]
