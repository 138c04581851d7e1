"""What the caller may say next, for a recogniser."""

from __future__ import annotations

from flows.schema import Flow
from reasoner.ports import Anticipated
from reasoner.state import GoalState
from reasoner.types import Pending
from reasoner.understand.expectation import expectation_of
from reasoner.understand.grammar import grammar_of
from reasoner.understand.kept import PerFlow
from reasoner.understand.progress import judge_of


def anticipate(flow: Flow, state: GoalState) -> Anticipated:
    """The grammar of what may be said now, and a judge of whether it has been said.

    It depends on the flow and on what is pending alone, and is made once for both: the first for a flow takes a tenth
    of a second, others some milliseconds.

    Raises:
        UnknownLanguage: the flow is in a language without spoken forms.
    """
    return _anticipated(flow, Pending(state.pending.waiting, state.pending.slots))


def _make(flow: Flow, pending: Pending) -> Anticipated:
    expected = expectation_of(flow, pending)
    grammar = grammar_of(expected)
    return Anticipated(grammar.name, grammar.text, grammar.sounds, judge_of(expected))


_anticipated: PerFlow[Pending, Anticipated] = PerFlow(_make)
