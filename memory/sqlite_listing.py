"""What SQLite is asked for a page of sessions. Pure.

Only what is wanted stands in a statement: a condition that may not hold keeps SQLite from going by an index for the
rest. Each is answered from one index, in its order, and ends at its limit.
"""

from __future__ import annotations

from collections.abc import Iterator

from memory.paging import stamp
from memory.session_filter import SessionFilter

Values = dict[str, str]


def selections(columns: str, wanted: SessionFilter, *, paged: bool) -> Iterator[tuple[str, Values]]:
    """Statements with values of their own; all that they find, newest first and up to the limit, is the page.

    One where the caller does not matter, else one for each mark of theirs. They take `:tenant` and `:limit` as well,
    and where they are `paged`, `:began_before` and `:before`.

    Raises:
        ValueError: a time has no time zone.
    """
    meant = {
        "flow": wanted.flow,
        "outcome": wanted.outcome,
        "since": stamp(wanted.since) if wanted.since else None,
        "until": stamp(wanted.until) if wanted.until else None,
    }
    values = {name: value for name, value in meant.items() if value is not None}
    if wanted.marks is None:
        where = _conditions("sessions", wanted, values, paged=paged)
        yield _select(columns, "sessions", "sessions", where), values
        return
    from_marks = "session_marks AS marked CROSS JOIN sessions USING (tenant, call)"
    where = ["marked.mark = :mark", *_conditions("marked", wanted, values, paged=paged)]
    for mark in sorted(wanted.marks):
        yield _select(columns, from_marks, "marked", where), values | {"mark": mark}


def _select(columns: str, tables: str, order_of: str, where: list[str]) -> str:
    named = ", ".join(f"sessions.{c}" if c.isidentifier() else c for c in columns.split(", "))
    return (
        f"SELECT {named} FROM {tables} WHERE {' AND '.join(where)}"
        f" ORDER BY {order_of}.started_at DESC, {order_of}.call DESC LIMIT :limit"
    )


def _conditions(order_of: str, wanted: SessionFilter, values: Values, *, paged: bool) -> list[str]:
    """`order_of`: the table whose index gives the order."""
    began = f"{order_of}.started_at"
    over = {None: "", True: "sessions.outcome IS NOT NULL", False: "sessions.outcome IS NULL"}[wanted.over]
    meant = {
        f"{order_of}.tenant = :tenant": True,
        "sessions.flow = :flow": "flow" in values,
        "sessions.outcome = :outcome": "outcome" in values,
        over: bool(over),
        f"{began} >= :since": "since" in values,
        f"{began} < :until": "until" in values,
        f"({began}, {order_of}.call) < (:began_before, :before)": paged,
    }
    return [condition for condition, holds in meant.items() if holds]
