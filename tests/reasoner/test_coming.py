"""What a step may look up: its pages, all of them where it says nothing, none where it says so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from flows.loader import open_flow
from flows.schema import Flow
from memory.types import Passage
from reasoner.coming import coming, is_closed, limits_of
from reasoner.events import CallStarted
from reasoner.graph import think
from reasoner.machine import advance, start
from reasoner.ports import Ports
from reasoner.state import GoalState
from reasoner.types import Reading, Utterance
from reasoner.understand import ParserUnderstander

pytestmark = pytest.mark.anyio

FLOW = """
flow: desk
version: 1
about: A desk
agent: {name: Ann, company: The Desk, business: desk}
slots:
  name: {type: person_name, label: name, ask: Your name?}
  day: {type: date, label: day, ask: Which day?}
knowledge: {fees: fees, hours: hours}
steps:
  who:
    ask: name
    knowledge: %s
  when:
    ask: day
    knowledge: {pages: [hours], passages: 2, within_ms: 200}
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def desk(folder: Path, knowledge: str) -> Flow:
    for name in ("fees", "hours"):
        (folder / name).mkdir()
        (folder / name / "page.md").write_text("# Hours\nFrom nine to five.\n")
    path = folder / "desk.yaml"
    path.write_text(FLOW % knowledge)
    return open_flow(str(path)).flow


def begun(flow: Flow) -> GoalState:
    return advance(flow, start(flow, "one"), CallStarted())[0]


class Pages:
    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    async def __call__(
        self, question: str, *, speculative: bool, within: tuple[str, ...] = ()
    ) -> Sequence[Passage]:
        self.asked.append(within)
        return [Passage("p", "From nine to five.", "page.md", "Hours")]


@pytest.mark.parametrize(
    ("knowledge", "asked"), [("[]", []), ("[fees]", [("fees",)]), ("{within_ms: 100}", [()])]
)
async def test_a_step_is_answered_from_its_own_pages_all_of_them_or_none(
    knowledge: str, asked: list[tuple[str, ...]], tmp_path: Path
) -> None:
    flow, pages = desk(tmp_path, knowledge), Pages()
    state = begun(flow)
    heard = Utterance((Reading("what are your opening hours", 0.9),), 0.0, 2.0)
    thought = await think(state, heard, Ports(flow, ParserUnderstander(), pages))
    assert thought.question and pages.asked == asked
    assert bool(thought.passages) == bool(asked)
    assert is_closed(limits_of(flow, state)) == (asked == [])
    within = [each.within for each in coming(flow, state)]
    assert within == [*asked, ("hours",)]
