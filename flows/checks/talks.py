"""The tests inside a file speak of what the flow has."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from flows.checks.written import Path_, Written
from flows.closest import did_you_mean
from flows.errors import Mistake
from flows.places import MAIN, OUTCOMES


def check(written: Written) -> Iterator[Mistake]:
    outcomes = (*OUTCOMES, *written.known("outcomes"), "hung_up")
    steps = (*(written.names("steps") or (MAIN,)), *written.names("gates"))
    actions = written.known("actions")
    for name, test in written.flow.tests.items():
        path: Path_ = ("tests", name)
        yield from _each(written, (*path, "actions"), test.actions, actions, "action")
        for key in ("given", "slots"):
            yield from _slots(written, (*path, key), getattr(test, key))
        yield from _known(written, (*path, "outcome"), test.outcome, outcomes, "outcome")
        for n, turn in enumerate(test.talk):
            here: Path_ = (*path, "talk", n)
            yield from _slots(written, (*here, "slots"), turn.slots)
            for at, name in enumerate(turn.does or ()):
                yield from _known(written, (*here, "does", at), name, actions, "action")
            yield from _known(written, (*here, "outcome"), turn.outcome, outcomes, "outcome")
            if turn.step is not None and "." not in turn.step:
                yield from _known(written, (*here, "step"), turn.step, steps, "step")


def _slots(written: Written, path: Path_, names: Collection[str]) -> Iterator[Mistake]:
    unknown = [name for name in names if not written.is_slot(name)]
    yield from _each(written, path, unknown, tuple(written.slots), "slot")


def _each(
    written: Written, path: Path_, names: Collection[str], known: tuple[str, ...], what: str
) -> Iterator[Mistake]:
    for name in names:
        if name not in known and not written.may_be_brought(name):
            rule = f"`{path[-1]}` names `{name}`, and there is no such {what}"
            yield written.mistake((*path, name), rule, did_you_mean(name, known), key=True)


def _known(
    written: Written, path: Path_, name: str | None, known: tuple[str, ...], what: str
) -> Iterator[Mistake]:
    if name is not None and name not in known and not written.may_be_brought(name):
        key = next(step for step in reversed(path) if isinstance(step, str))
        rule = f"`{key}` names `{name}`, and there is no such {what}"
        yield written.mistake(path, rule, did_you_mean(name, known))
