"""Whole calls: a simulated caller, and the machine."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import anyio
import pytest

import orchestrator.simulate
from flows.loader import open_flow
from orchestrator.simulate.caller import Doing
from orchestrator.simulate.command import BadSimulation, simulate
from orchestrator.simulate.conversation import Conversation, converse
from orchestrator.simulate.ear import Ear
from orchestrator.simulate.line import agent_of
from orchestrator.simulate.score import score
from orchestrator.simulate.temper import Kind
from reasoner.state import Outcome

EVERY_TYPE = str(Path(__file__).parent / "every_type.yaml")


def call(flow: str, kind: Kind, seed: int = 0, wer: float = 0.0) -> Conversation:
    async def hold() -> Conversation:
        async with agent_of(open_flow(flow)) as agent:
            return await converse(agent.flow, agent.dial, kind=kind, seed=seed, wer=wer, pages=agent.pages)

    return anyio.run(hold)


def words(of: Conversation) -> list[tuple[str, str, str]]:
    return [(one.said.text, one.heard, one.turn.agent) for one in of.exchanges]


@pytest.mark.parametrize("flow", ["medical_intake", EVERY_TYPE])
def test_a_cooperative_caller_gets_to_the_end_with_every_value_right(flow: str) -> None:
    made = score(call(flow, Kind.COOPERATIVE))
    assert made.success
    assert (made.out_of_order, made.breaches, made.incomplete) == (0, 0, 0)


def test_the_same_seed_makes_the_same_call_word_for_word() -> None:
    one, other = (call("medical_intake", Kind.MIXTURE, seed=5, wer=0.2) for _ in range(2))
    assert words(one) == words(other)
    assert words(one) != words(call("medical_intake", Kind.MIXTURE, seed=6, wer=0.2))


def test_who_wants_a_person_is_due_one() -> None:
    made = call("medical_intake", Kind.WANTS_HUMAN)
    assert score(made).human_due
    assert made.state.outcome is Outcome.HANDED_OVER


@pytest.mark.parametrize("kind", list(Kind))
def test_no_caller_says_yes_to_what_it_cannot_make_out(kind: Kind) -> None:
    made = score(call("medical_intake", kind, seed=3, wer=0.3))
    assert made.ended
    assert made.blind == 0


@pytest.mark.parametrize("kind", [Kind.COOPERATIVE, Kind.SELF_CORRECTING, Kind.REFUSING])
def test_a_wrong_value_that_is_read_back_is_objected_to(kind: Kind) -> None:
    made = call("medical_intake", kind, seed=3, wer=0.3)
    known, ear, wrong = made.truth.values, Ear(made.flow), 0
    for turn, exchange in zip(made.turns, made.exchanges, strict=False):
        heard = ear.hear(turn.agent, known, list(known), [])
        if heard.confirm and any(claim.right is False for claim in heard.claims):
            wrong += 1
            assert exchange.said.doing in (Doing.DENY, Doing.CORRECT)
    assert wrong > 0


def test_a_seed_that_misheard_nothing_scores_no_word_errors() -> None:
    made = score(call("medical_intake", Kind.TERSE))
    assert made.word_errors == 0
    assert made.words > 10


def test_the_command_writes_what_was_said_and_what_was_so(tmp_path: Path) -> None:
    path = tmp_path / "calls.json"
    assert simulate("medical_intake", 1, 3, "terse", 0.0, path) == 0
    (kept,) = json.loads(path.read_text())["calls"]
    assert kept["success"]
    assert kept["talk"][0]["agent"].startswith("Thank you for calling")
    assert kept["truth"]["name"]


@pytest.mark.parametrize(
    ("kind", "wer", "callers", "why"),
    [("rude", 0.0, 1, "cooperative, terse"), (None, 0.5, 1, "0 to 0.3"), (None, 0.0, 0, "1 or more")],
)
def test_what_cannot_be_simulated_is_said_so(kind: str | None, wer: float, callers: int, why: str) -> None:
    with pytest.raises(BadSimulation, match=why):
        simulate("medical_intake", callers, 0, kind, wer, None)


def test_callers_share_nothing_with_the_parsers() -> None:
    folder = Path(orchestrator.simulate.__file__).parent
    allowed = {"line.py": {"reasoner.understand", "reasoner.machine", "reasoner.recall", "reasoner.ports"}}
    forbidden = (
        "reasoner.understand",
        "reasoner.speak_en",
        "reasoner.words_en",
        "reasoner.whisper",
        "orchestrator.callers",
    )
    for file in sorted(folder.glob("*.py")):
        imported = {
            node.module or ""
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.ImportFrom)
        } - allowed.get(file.name, set())  # fmt: skip
        assert not [name for name in imported if name.startswith(forbidden)], file.name
