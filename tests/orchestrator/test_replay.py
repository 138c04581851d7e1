"""A call again: through its own flow to the byte, through a new one as far as what was said still tells."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.loader import load_flow
from memory.sqlite import SqliteSessions
from memory.types import SessionKey, SessionRecord, StoredEvent
from orchestrator import cli
from orchestrator.chat import no_pages
from orchestrator.replay import Replayed, differing, replay, replay_anew
from orchestrator.text_call import TextCall
from reasoner.events import ActionDone, ActionFailed, AgentSpoke, Failure, RunAction, dump_event
from reasoner.machine import advance, start
from reasoner.ports import Ports
from reasoner.state import dump_state
from reasoner.understand import ParserUnderstander
from tests.orchestrator.shop_flow import shop

CALL = "c0ffee"
RESULTS = {"look_up": {"status": "packed"}, "paint": {"id": "R7"}, "tell": {}}
WORDS = ("one two three four", "yes", "red", "yes")


@pytest.fixture(autouse=True)
def _data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUFFLEUR_DATA__FOLDER", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


async def done(effect: RunAction) -> ActionDone | ActionFailed:
    return ActionDone(effect.id, RESULTS[effect.action])


def a_call(path: Path, words: Sequence[str] = WORDS) -> TextCall:
    """A real call, as it was."""

    async def talk() -> TextCall:
        ports = Ports(load_flow(str(path)), ParserUnderstander(), no_pages)
        call = TextCall(ports, id=CALL, actions=done, today="2026-11-23")
        await call.begin()
        for text in words:
            await call.said(text)
        if not call.is_over:
            await call.hung_up()
        return call

    return asyncio.run(talk())


def anew(call: TextCall, path: Path) -> Replayed:
    return asyncio.run(replay_anew(load_flow(str(path)), CALL, call.log, ParserUnderstander()))


def differences(call: TextCall, path: Path) -> list[str]:
    return list(differing(call.state, anew(call, path)))


# --- the same flow -------------------------------------------------------------------------------------------


def test_the_same_flow_leads_to_the_same_bytes(tmp_path: Path) -> None:
    call = a_call(shop(tmp_path))
    again = replay(load_flow(str(shop(tmp_path))), CALL, call.log)
    assert call.state.code == "complete"
    assert dump_state(again.state) == dump_state(call.state)
    assert again.unanswered == []
    assert again.words[-1].endswith("Done. Goodbye.")


def test_understanding_anew_changes_nothing_where_the_flow_is_the_same(tmp_path: Path) -> None:
    call = a_call(shop(tmp_path))
    assert differences(call, shop(tmp_path)) == []


# --- a new version -------------------------------------------------------------------------------------------


def test_a_slot_that_is_new_is_asked_for_and_stays_empty(tmp_path: Path) -> None:
    call = a_call(shop(tmp_path))
    newer = shop(
        tmp_path,
        ("  colour:\n", "  day: {type: date, ask: Which day?}\n  colour:\n"),
        ("  change:\n", "  when:\n    ask: day\n  change:\n"),
    )
    assert differences(call, newer) == [
        "outcome: complete then, none now",
        "receipt: R7 (confirmed) then, empty now",
        "the call is not over now: it waits in the step `when`",
    ]
    assert anew(call, newer).words[-1].endswith("Which day?")


def test_a_slot_that_is_gone_is_told(tmp_path: Path) -> None:
    call = a_call(shop(tmp_path))
    newer = shop(
        tmp_path,
        ("    label: colour\n    ask: Which colour do you want?\n", "    required: false\n"),
        ("    ask: colour\n", "    say: So be it.\n"),
        ("number: number, colour: colour", "number: number"),
    )
    assert differences(call, newer) == ["colour: red (confirmed) then, empty now"]


def test_another_branch_is_taken_with_what_was_said(tmp_path: Path) -> None:
    call = a_call(shop(tmp_path))
    newer = shop(
        tmp_path,
        ("  change:\n", "    then: [{if: colour == 'red', go: cancelled}, {go: change}]\n  change:\n"),
    )
    assert differences(call, newer) == [
        "outcome: complete then, cancelled now",
        "receipt: R7 (confirmed) then, empty now",
    ]


def test_other_words_for_a_value_are_understood_now(tmp_path: Path) -> None:
    call = a_call(shop(tmp_path), ("one two three four", "yes", "crimson"))
    newer = shop(tmp_path, ("{red: [], blue: []}", "{red: [crimson], blue: []}"))
    assert differences(call, newer) == ["colour: empty then, red (heard) now"]


def test_an_action_that_nobody_answered_then_is_told(tmp_path: Path) -> None:
    call = a_call(shop(tmp_path))
    newer = shop(
        tmp_path,
        ("    do: paint\n    then: complete\n", "    do: paint\n  tell:\n    do: tell\n    then: complete\n"),
        ("lines:\n", "  tell: {python: tell, effect: write}\nlines:\n"),
    )
    again = anew(call, newer)
    assert again.unanswered == ["tell"]
    assert list(differing(call.state, again)) == [
        "outcome: complete then, handed_over now",
        "the action `tell` is asked for now, and was not answered then",
    ]


def test_a_failure_is_a_failure_again(tmp_path: Path) -> None:
    async def fails() -> TextCall:
        async def refused(effect: RunAction) -> ActionFailed:
            return ActionFailed(effect.id, Failure.REFUSED)

        ports = Ports(load_flow(str(shop(tmp_path))), ParserUnderstander(), no_pages)
        call = TextCall(ports, id=CALL, actions=refused)
        await call.begin()
        for text in WORDS[:2]:
            await call.said(text)
        return call

    call = asyncio.run(fails())
    newer = shop(tmp_path, ("There is no such order.", "I cannot find that order."))
    again = anew(call, newer)
    assert (again.state.step, again.unanswered) == ("choose", [])
    assert "I cannot find that order." in again.words[-1]


def cut_off(spoke: AgentSpoke) -> AgentSpoke:
    words = spoke.text.split()
    return replace(spoke, text=" ".join(words[:5]), unspoken=" ".join(words[5:]))


def test_a_disclosure_that_was_cut_off_then_is_said_again_now(tmp_path: Path) -> None:
    flow = load_flow(str(shop(tmp_path)))
    call = a_call(shop(tmp_path), ("one two three four",))
    cut = [cut_off(e) if isinstance(e, AgentSpoke) and e.revision == 1 else e for e in call.log]
    state = start(flow, CALL)
    for event in cut:
        state, _ = advance(flow, state, event)
    again = asyncio.run(replay_anew(flow, CALL, cut, ParserUnderstander()))
    assert state.disclosures["recorded"].proven is None, "what was said next did not have it"
    assert again.state.disclosures["recorded"].times == 2
    assert again.state.disclosures["recorded"].proven is not None
    assert "This call is recorded." in again.words[1]


# --- the command ---------------------------------------------------------------------------------------------


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, arguments, catch_exceptions=False)


def save(call: TextCall, folder: Path, turns: int | None = None, first: bytes = b"") -> None:
    """In a database, as a session saves a call: each revision with its event.

    Args:
        turns, first: written instead of the real number of turns, and of the first event.
    """

    folder.mkdir(exist_ok=True)

    async def write() -> None:
        store = await SqliteSessions.open(folder / "souffleur.db")
        state, seen = start(call.flow, CALL), 0
        for event in call.log:
            after, _ = advance(call.flow, state, event)
            if after.revision == state.revision:
                continue
            state = after
            record = SessionRecord(
                key=SessionKey("default", CALL),
                revision=state.revision,
                flow=state.flow,
                flow_hash=state.flow_hash,
                state=dump_state(state if turns is None else replace(state, turns=turns)),
                outcome=state.outcome.value if state.outcome else None,
                started_at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
                updated_at=datetime(2026, 11, 23, 9, 31, tzinfo=UTC),
            )
            written = first if first and state.revision == 1 else dump_event(event)
            await store.save(record, [StoredEvent(state.revision, state.at_s, written)], seen)
            seen = state.revision
        await store.aclose()

    asyncio.run(write())


def test_a_saved_call_is_replayed_to_the_byte(tmp_path: Path) -> None:
    path = shop(tmp_path)
    save(a_call(path), tmp_path / "data")
    for arguments in ((), ("--same",)):
        result = run("replay", CALL, "--flow", str(path), *arguments)
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout == "the same flow, the same events, the same state to the byte\n"


def test_a_saved_call_through_a_new_version_says_what_is_different(tmp_path: Path) -> None:
    save(a_call(shop(tmp_path)), tmp_path / "data")
    newer = shop(
        tmp_path, ("version: 1", "version: 2"), ("then: complete", "then: cancelled"), name="newer.yaml"
    )
    result = run("replay", CALL, "--flow", str(newer))
    assert (result.exit_code, result.stdout) == (1, "outcome: complete then, cancelled now\n")


def test_a_saved_call_through_a_version_that_changes_nothing_for_it(tmp_path: Path) -> None:
    save(a_call(shop(tmp_path)), tmp_path / "data")
    newer = shop(tmp_path, ("version: 1", "version: 2"), ("blue: []", "green: []"), name="newer.yaml")
    result = run("replay", CALL, "--flow", str(newer))
    assert (result.exit_code, result.stdout) == (0, "the same outcome, and the same values\n")


def test_same_wants_the_very_version_that_the_call_followed(tmp_path: Path) -> None:
    save(a_call(shop(tmp_path)), tmp_path / "data")
    newer = shop(tmp_path, ("version: 1", "version: 2"), name="newer.yaml")
    result = run("replay", CALL, "--flow", str(newer), "--same")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"is not the version that call {CALL} followed" in result.stderr
    assert "leave out --same" in result.stderr


@pytest.mark.parametrize(
    ("call", "flow", "told"),
    [
        ("nobody", "shop.yaml", "nobody"),
        (CALL, "nowhere.yaml", "there is no flow file nowhere.yaml"),
        (CALL, "", "--flow"),
    ],
)
def test_a_call_or_a_flow_that_is_not_there_is_told(tmp_path: Path, call: str, flow: str, told: str) -> None:
    """A call's flow need not be in the library: then its file has to be named."""
    save(a_call(shop(tmp_path)), tmp_path / "data")
    result = run("replay", call, *(("--flow", flow) if flow else ()))
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


def test_a_state_that_this_version_would_not_have_made_is_told(tmp_path: Path) -> None:
    path = shop(tmp_path)
    call = a_call(path)
    save(call, tmp_path / "data", call.state.turns + 1)
    result = run("replay", CALL, "--flow", str(path), "--same")
    assert result.exit_code == 1
    assert result.stdout.startswith("the same flow and the same events lead to another state")


def test_a_call_that_cannot_be_read_any_more_is_told(tmp_path: Path) -> None:
    path = shop(tmp_path)
    save(a_call(path), tmp_path / "data", first=b"{}")
    result = run("replay", CALL, "--flow", str(path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "whose calls this one cannot read" in result.stderr


def test_without_any_saved_calls_that_is_told(tmp_path: Path) -> None:
    result = run("replay", CALL)
    assert result.exit_code == 2
    assert "there are no calls in" in result.stderr
    assert not (tmp_path / "data").exists()
