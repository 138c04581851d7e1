"""Calls by lines, as docs/chat-jsonl.md promises them: its examples, and what it says of keys and events."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from flows.loader import load_flow
from flows.schema import Flow
from orchestrator.calls import DoAction, leave_it
from orchestrator.chat import converse
from reasoner.events import ActionDone, ActionFailed, RunAction
from reasoner.types import Waiting
from tests.orchestrator.shop_flow import shop_flow

pytestmark = pytest.mark.anyio
GUIDE = (Path(__file__).parents[2] / "docs" / "chat-jsonl.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```jsonl\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def desk(tmp_path: Path) -> Flow:
    """The flow of the guide."""
    found = re.search(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    assert found is not None
    (tmp_path / "desk.yaml").write_text(found[1])
    return load_flow(str(tmp_path / "desk.yaml"))


async def lines(
    flow: Flow, *given: str | dict[str, Any], actions: DoAction = leave_it
) -> list[dict[str, Any]]:
    """What is written for these lines, the greeting first and the hanging up at the end of the input last."""
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in given)
    out = io.StringIO()
    await converse(flow, True, io.StringIO(text), out, actions=actions)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def holds(actual: Any, shown: Any) -> bool:
    """Whether all that an example shows is so. Objects may have more keys than it shows."""
    if isinstance(shown, dict) and isinstance(actual, dict):
        return all(key in actual and holds(actual[key], value) for key, value in shown.items())
    if isinstance(shown, list) and isinstance(actual, list):
        return len(shown) == len(actual) and all(map(holds, actual, shown))
    return type(actual) is type(shown) and bool(actual == shown)


# --- the guide -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
async def test_every_example_of_the_guide_is_what_happens(desk: Flow, example: str) -> None:
    told = await lines(desk, *(line[2:] for line in example.splitlines() if line.startswith("> ")))
    shown = [json.loads(line[2:]) for line in example.splitlines() if line.startswith("< ")]
    assert len(shown) >= 2 and len(told) in (len(shown), len(shown) + 1)
    for actual, wanted in zip(told, shown, strict=False):
        assert holds(actual, wanted), f"{actual} is not {wanted}"


async def test_the_guide_names_every_key_that_is_written_and_read(desk: Flow) -> None:
    told = await lines(desk, {"dtmf": "2468"}, {"dtmf": "1234"}, {"dtmf": "1"}, {"silence_s": 9})
    named = set(re.findall(r"`(\w+)`", GUIDE))
    written = {key for line in told for key in (*line, *line["state"])}
    written |= {key for line in told for slot in line["state"]["slots"].values() for key in slot}
    written |= {key for line in told for effect in line["effects"] for key in (*effect, effect["kind"])}
    assert len(written) >= 20
    assert written - {"kind"} <= named
    assert {each.value for each in Waiting} <= set(re.findall(r"`(\w+)[`:]", GUIDE))


def test_every_way_to_write_a_line_has_an_example() -> None:
    read = [json.loads(line[2:]) for example in EXAMPLES for line in example.splitlines() if line[0] == ">"]
    assert {key for line in read for key in line} >= {"caller", "silence_s", "dtmf", "event"}
    kinds = {line["event"]["kind"] for line in read if "event" in line}
    assert kinds >= {"action_done", "action_failed", "call_ended"}


# --- keys ----------------------------------------------------------------------------------------------------


async def test_keys_answer_and_accept(desk: Flow) -> None:
    _, _, heard, accepted, _ = await lines(desk, {"dtmf": "2468#"}, {"dtmf": "1234#"}, {"dtmf": "1"})
    assert heard["state"]["slots"]["number"]["value"] == "1234"
    assert heard["state"]["waits_for"] == "confirmation:number"
    assert accepted["state"]["slots"]["number"]["confirmed"] is True


@pytest.mark.parametrize("keys", ['""', '"12a"', "12", '" "', '"' + "1" * 41 + '"', '"１"', "null"])
async def test_what_no_telephone_can_send_is_refused(desk: Flow, keys: str) -> None:
    _, error, _ = await lines(desk, f'{{"dtmf": {keys}}}')
    assert list(error) == ["error"]


# --- events --------------------------------------------------------------------------------------------------


async def asked(flow: Flow) -> str:
    """The id of the action that the shop waits for."""
    told = await lines(flow, {"caller": "one two three four"}, {"caller": "yes"})
    (effect,) = (effect for effect in told[2]["effects"] if effect["kind"] == "run_action")
    return str(effect["id"])


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"kind": "action_done", "result": {"status": "packed"}}, "Your order is packed. Which colour"),
        ({"kind": "action_done", "result": {}}, "Your order is status."),
        ({"kind": "action_done", "result": None}, "Your order is status."),
        ({"kind": "action_done", "result": [1, {"a": [2]}]}, "Your order is status."),
        ({"kind": "action_failed", "why": "refused"}, "There is no such order."),
        ({"kind": "action_failed", "why": "timeout"}, "The warehouse does not answer."),
        (
            {"kind": "action_done", "result": {"status": "x"}, "at_s": 5000.0, "action": "other"},
            "Your order is x.",
        ),
    ],
)
async def test_an_event_goes_on_with_the_call(tmp_path: Path, event: dict[str, Any], said: str) -> None:
    flow = shop_flow(tmp_path)
    given = {"event": {**event, "id": await asked(flow)}}
    told = await lines(flow, {"caller": "one two three four"}, {"caller": "yes"}, given)
    assert told[3]["agent"].startswith(said)


async def test_the_call_keeps_its_own_time(tmp_path: Path) -> None:
    """An event from a system whose clock is far ahead does not use up the minutes of the call."""
    flow = shop_flow(tmp_path)
    event = {"kind": "action_done", "id": await asked(flow), "result": {"status": "packed"}, "at_s": 9e9}
    told = await lines(
        flow, {"caller": "one two three four"}, {"caller": "yes"}, {"event": event}, {"caller": "red"}
    )
    assert told[4]["state"]["waits_for"] == "confirmation:colour"


async def test_an_event_that_nobody_waits_for_changes_nothing(tmp_path: Path) -> None:
    flow = shop_flow(tmp_path)
    late = {"event": {"kind": "action_done", "id": "other", "result": {"status": "lost"}}}
    _, _, waiting, still, _ = await lines(flow, {"caller": "one two three four"}, {"caller": "yes"}, late)
    assert still == {"agent": "", "state": waiting["state"], "effects": []}


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({}, "write"),
        ({"kind": 1}, "write"),
        ({"kind": "caller_said"}, "cannot be given here"),
        ({"kind": "call_started"}, "cannot be given here"),
        ({"kind": "action_done", "id": "1"}, "`result`"),
        ({"kind": "action_done", "id": 1, "result": {}}, "`id`"),
        ({"kind": "action_done", "id": "1", "result": {}, "more": 1}, "has no `more`"),
        ({"kind": "call_ended", "why": "bored"}, "`why`"),
        ({"kind": "call_ended", "at_s": "soon"}, "`at_s`"),
    ],
)
async def test_an_event_that_cannot_be_is_told_and_the_call_goes_on(
    desk: Flow, event: dict[str, Any], told: str
) -> None:
    _, error, after, _ = await lines(desk, {"event": event}, {"dtmf": "2468"})
    assert list(error) == ["error"] and told in error["error"]
    assert after["state"]["gates"] == {"customer": True}


async def test_a_call_that_the_line_ended_reads_no_further(desk: Flow) -> None:
    told = await lines(desk, {"event": {"kind": "call_ended"}}, {"caller": "hello?"})
    assert [line["state"]["outcome"] for line in told] == [None, "hung_up"]


async def test_what_is_written_is_json_whatever_a_result_holds(tmp_path: Path) -> None:
    flow = shop_flow(tmp_path)
    event = (
        f'{{"event": {{"kind": "action_done", "id": "{await asked(flow)}", "result": {{"status": RESULT}}}}}}'
    )
    for result in ("NaN", "1e999", '"\\ud800"', '"\\u0000"', "9" * 5000, '{"a": NaN}', "[" * 50 + "]" * 50):
        text = "".join(
            line + "\n"
            for line in (
                '{"caller": "one two three four"}',
                '{"caller": "yes"}',
                event.replace("RESULT", result),
            )
        )
        out = io.StringIO()
        await converse(flow, True, io.StringIO(text), out)
        for line in out.getvalue().splitlines():
            json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
        out.getvalue().encode()


async def test_actions_that_are_done_here_come_with_what_came_of_them(tmp_path: Path) -> None:
    async def packed(effect: RunAction) -> ActionDone | ActionFailed:
        return ActionDone(effect.id, {"status": "packed"})

    given = ({"caller": "one two three four"}, {"caller": "yes"})
    told = await lines(shop_flow(tmp_path), *given, actions=packed)
    assert told[2]["state"]["slots"]["status"]["value"] == "packed"
    assert [effect["kind"] for effect in told[2]["effects"]] == ["reply", "run_action", "reply"]
