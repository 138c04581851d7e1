"""Compares what a call established with what its simulated caller knows of himself, from his own report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from orchestrator.callers.facts import Facts
from orchestrator.callfile import CallFile
from orchestrator.errors import CallerFailed
from orchestrator.screen.rows import BAD, DIM, GOOD
from orchestrator.wording import written
from reasoner.types import Value


class Report(BaseModel):
    """What the caller's program wrote down when it had hung up. It says more, which is for others to read."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    voice: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class Check:
    """One slot: what the caller knows, and what was established, as a form would show them."""

    slot: str
    label: str
    expected: str
    established: str
    confirmed: bool
    right: bool


def read_report(path: Path) -> Report:
    """Raises CallerFailed: there is none, or it cannot be understood."""
    try:
        return Report.model_validate_json(path.read_bytes())
    except OSError as missing:
        raise CallerFailed(f"{path}: the caller left no report ({missing.strerror})") from missing
    except ValidationError as refused:
        raise CallerFailed(
            f"{path}: the caller's report cannot be read: {refused.errors()[0]['msg']}"
        ) from refused


def check(call: CallFile, facts: Facts) -> tuple[Check, ...]:
    """Each slot that the caller has a fact for, in the order of the form."""
    known = _values(facts)
    checks = []
    for name, slot in call.slots.items():
        if name in known:
            right = slot.value is not None and _plain(slot.value) == _plain(known[name])
            expected, established = written(known[name]), written(slot.value)
            checks.append(Check(name, slot.label, expected, established, slot.confirmed, right))
    return tuple(checks)


def dump_checks(checks: Sequence[Check]) -> bytes:
    return json.dumps([asdict(check) for check in checks], indent=2, ensure_ascii=False).encode() + b"\n"


def show_checks(checks: Sequence[Check], console: Console) -> None:
    """Say which values are right."""
    right = sum(check.right for check in checks)
    if not console.is_terminal:
        console.print(f"check against the caller's own facts: {right} of {len(checks)} right", soft_wrap=True)
        for check in checks:
            if not check.right:
                told = f"wrong: {check.label}: {check.established or '-'}, the caller's is {check.expected}"
                console.print(Text(told), soft_wrap=True)
        return
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for check in checks:
        mark = Text("✓", GOOD) if check.right else Text("✗", BAD)
        other = Text("") if check.right else Text(f"the caller's is {check.expected}", BAD)
        table.add_row(mark, check.label, Text(check.established or "-"), other)
    head = Text.assemble(
        "Against the caller's own facts: ",
        (f"{right} of {len(checks)} right", GOOD if right == len(checks) else BAD),
    )
    console.print(Padding(head, (0, 0, 0, 1)))
    if right < len(checks):
        console.print(Padding(table, (0, 0, 1, 1)))
    console.print(Text(" The caller is a simulation; so is everything measured on it.", DIM))


def _values(facts: Facts) -> dict[str, Value]:
    return {
        "name": f"{facts.first_name} {facts.last_name}",
        "date_of_birth": facts.born.isoformat(),
        "phone": facts.phone,
        "reason": facts.reason,
        "allergies": facts.allergies,
        "medicines": facts.medicines,
        "insurance": facts.insurance,
        "consent": facts.consent,
    }


def _plain(value: Value) -> object:
    """What two values have in common where they mean the same: no case, no hyphens, lists in any order."""
    if isinstance(value, bool):
        return value
    if isinstance(value, tuple):
        return frozenset(_plain(item) for item in value)
    return str(value).casefold().replace("-", " ").strip()
