"""`call.json`: what it holds, that it is written whole or not at all, and that its documentation is true."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import BaseModel

from orchestrator import callparts
from orchestrator.callfile import CallFile, load_call, read_call, write_call
from orchestrator.errors import BadCallFile, CannotWrite
from orchestrator.recording import (
    AgentCeased,
    AgentSaid,
    CallerWords,
    CallOpened,
    FloorHeld,
    LookedUp,
    Moment,
    TurnTimed,
    Whispered,
)
from reasoner.state import GoalState, Outcome
from tests.orchestrator.made_call import made_call

DOCUMENT = Path(__file__).parents[2] / "docs" / "call-json.md"
OPENED = CallOpened("c1", "door", "Two questions", "Ann", 16000, ())
STARTED = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def whole() -> CallFile:
    moments, state = made_call()
    return CallFile.from_moments(moments, state, started_at=STARTED, late_blocks=0, simulated="a program")


def made_of(*moments: Moment) -> CallFile:
    return CallFile.from_moments((OPENED, *moments), GoalState("c1", "door", "h"), started_at=STARTED)


# --- what it holds -----------------------------------------------------------------------------------------


def test_a_call_reads_back_as_it_was_written(tmp_path: Path) -> None:
    call = whole()
    write_call(call, tmp_path / "deep" / "call.json")
    assert read_call(tmp_path / "deep" / "call.json") == call


def test_slots_carry_their_evidence_and_the_words_that_accepted_them() -> None:
    slot = whole().slots["date_of_birth"]
    assert (slot.value, slot.label, slot.confirmed) == ("1980-03-13", "date of birth", True)
    assert slot.evidence is not None
    assert slot.evidence.words == "march thirteenth"
    assert slot.evidence.accepted_words == "yes that's right"
    assert slot.evidence.accepted_s == pytest.approx(39.72, abs=0.01)


def test_every_slot_of_the_flow_is_there_in_its_order_even_if_nothing_came_of_it() -> None:
    moments, _ = made_call()
    empty = CallFile.from_moments(moments[:1], GoalState("c", "f", "h"), started_at=STARTED)
    assert list(empty.slots) == list(whole().slots)
    assert {slot.status.value for slot in empty.slots.values()} == {"empty"}


def test_changes_tell_that_a_value_was_corrected() -> None:
    told = [(c.value, c.status.value) for c in whole().changes if c.name == "date_of_birth"]
    assert told == [("1980-03-03", "heard"), ("1980-03-13", "heard"), ("1980-03-13", "confirmed")]


def test_the_transcript_is_in_order_and_knows_interruptions_and_backchannels() -> None:
    transcript = whole().transcript
    assert [part.start_s for part in transcript] == sorted(part.start_s for part in transcript)
    assert [part.unspoken for part in transcript if part.interrupted] == [
        "Is it a check up, an illness, a pain, or something else?"
    ]
    assert [(part.who, part.text) for part in transcript if part.backchannel] == [("caller", "mm-hm")]


def test_each_turn_has_the_look_up_that_it_used_and_the_whisper_that_answered_it() -> None:
    turns = whole().turns
    assert [turn.whisper.revision for turn in turns if turn.whisper] == list(range(2, 15))
    assert [turn.turn for turn in turns if turn.whisper and not turn.whisper.ahead] == [8]
    assert [(turn.turn, turn.recall.query) for turn in turns if turn.recall] == [
        (7, "park my car clinic"),
        (11, "do with my data"),
    ]


def test_a_whisper_before_the_end_of_a_turn_does_not_answer_it() -> None:
    turn = TurnTimed(1, 5.0, 5.4, 5.6, 600.0, 1.0, None, "answer", False, 5.6)
    early, late = Whispered(1, "", "One?", 0.1, False), Whispered(2, "", "Two?", 5.41, True)
    assert made_of(early, late, turn).turns[0].whisper == callparts.TurnWhisperPart(revision=2, ahead=True)
    assert made_of(early, turn).turns[0].whisper is None


def test_look_ups_of_one_question_are_one_with_the_time_it_was_first_answered() -> None:
    call = made_of(
        LookedUp("park", ("Parking",), 4.0, True, False, 4.0),
        LookedUp("park car", ("Parking",), 1.0, True, False, 4.5),
        LookedUp("park car", ("Parking",), 0.0, True, True, 5.4),
        TurnTimed(1, 5.0, 5.4, 5.6, 600.0, 1.0, True, "digression", False, 5.6),
    )
    assert [(found.at_s, found.took_ms, found.used) for found in call.recall] == [(4.0, 4.0, True)]
    assert call.turns[0].recall is not None
    assert call.turns[0].recall.at_s == 4.0
    assert (call.figures.lookups_ready, call.figures.lookups_needed) == (1, 1)


def test_figures_are_medians_and_percentiles_of_what_callers_waited() -> None:
    figures = whole().figures
    assert figures.latency.turns == 13
    assert figures.latency.p50_ms == 548.0
    assert figures.latency.p95_ms == pytest.approx(738.8)
    assert (figures.simulation, figures.simulated) == (True, "a program")


def test_barge_in_is_timed_to_the_silence_of_the_voice_not_to_the_decision() -> None:
    call = made_of(
        FloorHeld("agent", "turn", "agent", 1.0),
        AgentSaid("What is", 1.0, 2.0, 2.0, 1),
        FloorHeld("agent", "overlap", "caller", 2.1),
        FloorHeld("caller", "interruption", "caller", 2.18),
        AgentCeased(2.7, True, "your name?"),
        CallerWords("wait", True, 2.0, 2.9, 3.3, 0.9),
    )
    assert call.figures.barge_in_to_silence_ms == (180.0,)


def test_a_reply_that_gave_way_to_nobody_is_no_barge_in() -> None:
    call = made_of(AgentSaid("What is", 1.0, 2.0, 2.0, 1), AgentCeased(2.7, True, "your name?"))
    assert call.figures.barge_in_to_silence_ms == ()


def test_a_call_that_was_cut_off_has_no_outcome_and_is_still_a_call() -> None:
    moments, state = made_call()
    call = CallFile.from_moments(moments[:40], GoalState("c", "f", "h"), started_at=STARTED)
    assert call.outcome is None
    assert load_call(call.dump()) == call
    assert whole().outcome is Outcome.COMPLETE
    assert state.outcome is Outcome.COMPLETE


# --- reading -----------------------------------------------------------------------------------------------


def changed(**keys: object) -> bytes:
    return json.dumps({**json.loads(whole().dump()), **keys}).encode()


def test_another_version_is_refused_by_name() -> None:
    with pytest.raises(BadCallFile, match="its version is 2 and this program reads version 1"):
        load_call(changed(version=2))


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(BadCallFile, match="colour"):
        load_call(changed(colour="red"))


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff\xfe", b"null", b'{"version": 1'])
def test_what_is_no_call_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(BadCallFile, match=r"this is no call\.json"):
        load_call(data)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadCallFile, match=r"nowhere\.json"):
        read_call(tmp_path / "nowhere.json")


# --- writing -----------------------------------------------------------------------------------------------


def test_only_its_owner_can_read_a_call(tmp_path: Path) -> None:
    write_call(whole(), tmp_path / "call.json")
    assert stat.S_IMODE((tmp_path / "call.json").stat().st_mode) == 0o600


def test_a_full_disk_is_told_and_leaves_what_was_there(tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk: the write breaks off in the middle."""
    path = tmp_path / "call.json"
    path.write_text("before")
    script = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from orchestrator.callfile import write_whole; from orchestrator.errors import CannotWrite\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        f"try: write_whole(b'x' * 100_000, Path({str(path)!r}))\n"
        "except CannotWrite as error: print(error)\n"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert "call.json: cannot be written (File too large)" in told
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_no_room_says_so() -> None:
    with pytest.raises(CannotWrite, match="cannot be written"):
        write_call(whole(), Path("/proc/call.json"))


# --- its documentation -------------------------------------------------------------------------------------


def test_the_documented_example_is_a_call() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    call = load_call(example.encode())
    # Nothing left out: it has every key that we would write.
    assert json.loads(call.dump()) == json.loads(example)


def test_every_key_is_documented() -> None:
    text = DOCUMENT.read_text().split("## Example")[0]
    parts = [p for p in vars(callparts).values() if isinstance(p, type) and issubclass(p, BaseModel)]
    keys = {key for part in (CallFile, *parts) for key in part.model_fields}
    assert {key for key in keys if f"`{key}`" not in text} == set()
