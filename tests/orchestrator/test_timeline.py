"""`timeline.png`: how a call is laid out, and that it can be drawn whatever happened in it."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.callfile import CallFile
from orchestrator.errors import CannotWrite
from orchestrator.picture.labels import place, rows_of, split_at, wrap
from orchestrator.recording import CallerWords, CallOpened, Moment
from orchestrator.timeline import draw_timeline
from reasoner.state import GoalState
from tests.orchestrator.made_call import made_call, upto

STARTED = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
OPENED = CallOpened("c1", "door", "Two questions", "Ann", 16000, ())


def call_of(moments: tuple[Moment, ...]) -> CallFile:
    return CallFile.from_moments(moments, GoalState("c1", "door", "h"), started_at=STARTED)


def ruler(text: str) -> float:
    return float(len(text))


# --- the layout --------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.floats(0, 40), st.floats(0, 50), st.booleans()), max_size=30), st.floats(0, 60))
def test_rows_follow_each_other_cover_the_call_and_are_never_too_long(
    gaps: list[tuple[float, float, bool]], rest_s: float
) -> None:
    talk, end_s = [], 0.0
    for gap_s, length_s, good in gaps:
        talk.append((end_s + gap_s, end_s + gap_s + length_s, good))
        end_s = talk[-1][1]
    rows = rows_of(talk, end_s + rest_s, 30.0)
    assert rows[0][0] == 0
    assert rows[-1][1] == end_s + rest_s
    assert all(first[1] == second[0] for first, second in pairwise(rows))
    assert all(high - low <= 30.0 + 1e-9 for low, high in rows)


def test_a_row_ends_after_the_agents_words_and_cuts_nobody_off() -> None:
    moments, state = made_call()
    call = CallFile.from_moments(moments, state, started_at=STARTED)
    talk = [(p.start_s, p.end_s, p.who == "agent" and not p.interrupted) for p in call.transcript]
    for _, cut_s in rows_of(talk, call.duration_s, 30.0)[:-1]:
        assert not any(part.start_s < cut_s < part.end_s for part in call.transcript)
        assert max((p for p in call.transcript if p.end_s < cut_s), key=lambda p: p.end_s).who == "agent"


def test_words_are_wrapped_and_what_does_not_fit_becomes_an_ellipsis() -> None:
    assert wrap("one two three", 7, 2, ruler) == ["one two", "three"]
    assert wrap("one two three four", 7, 2, ruler) == ["one two", "three…"]
    assert wrap("one", 2, 2, ruler) == []


def test_the_words_of_half_the_time_are_half_of_the_words() -> None:
    assert split_at("one two six ten", 0.5) == ("one two", "six ten")
    assert split_at("one two", 1.0) == ("one two", "")


def test_labels_on_one_line_never_cover_each_other() -> None:
    marks = [(0.0, "aaaaaa"), (1.0, "bbbbbb"), (2.0, "cc"), (9.0, "dd")]
    placed = place(marks, lines=2, end=20, ruler=ruler, gap=1)
    assert [label.line for label in placed] == [0, 1, None, 0]
    assert [label.text for label in placed] == ["aaaaaa", "bbbbbb", "", "dd"]


# --- the picture -------------------------------------------------------------------------------------------


def pixels(path: Path) -> np.ndarray:
    return matplotlib.image.imread(path)


def test_a_call_becomes_a_picture_with_a_row_for_about_every_half_minute(tmp_path: Path) -> None:
    moments, state = made_call()
    draw_timeline(CallFile.from_moments(moments, state, started_at=STARTED), tmp_path / "long.png")
    draw_timeline(call_of(upto(moments, 25)), tmp_path / "short.png")
    long, short = pixels(tmp_path / "long.png"), pixels(tmp_path / "short.png")
    assert long.shape[1] == short.shape[1] == 1760
    assert 4 * short.shape[0] < long.shape[0] < 6 * short.shape[0]


def test_all_that_happened_is_in_the_picture(tmp_path: Path) -> None:
    """Agent, caller, form, whispers, interruptions: each has a colour of its own."""
    moments, state = made_call()
    draw_timeline(CallFile.from_moments(moments, state, started_at=STARTED), tmp_path / "call.png")
    picture = pixels(tmp_path / "call.png")[130:, :, :3]  # below the legend
    for colour in ("#e69f00", "#0072b2", "#009e73", "#a0558a", "#d55e00"):
        wanted = np.array([int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)])
        near = np.abs(picture - wanted).max(axis=2) < 0.1
        assert near.sum() > 40, colour


def test_the_same_call_gives_the_same_picture(tmp_path: Path) -> None:
    moments, _ = made_call()
    for name in ("one.png", "two.png"):
        draw_timeline(call_of(upto(moments, 20)), tmp_path / name)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def test_a_call_in_which_nothing_happened_can_be_drawn(tmp_path: Path) -> None:
    draw_timeline(call_of((OPENED,)), tmp_path / "call.png")
    assert pixels(tmp_path / "call.png").shape[1] == 1760


def test_words_that_look_like_formulas_are_words(tmp_path: Path) -> None:
    costs = CallerWords(r"it costs $5 \nowhere $ or _so_ ^", True, 1.0, 4.0, 4.3)
    draw_timeline(call_of((OPENED, costs)), tmp_path / "call.png")


def test_an_hour_of_talk_still_makes_a_picture_that_can_be_opened(tmp_path: Path) -> None:
    hour = tuple(CallerWords("yes", True, s, s + 2.0, s + 2.4) for s in range(1, 3600, 20))
    draw_timeline(call_of((OPENED, *hour)), tmp_path / "call.png")
    assert pixels(tmp_path / "call.png").shape[0] < 12_000


def test_a_folder_that_cannot_be_written_is_told() -> None:
    with pytest.raises(CannotWrite, match=r"timeline\.png"):
        draw_timeline(call_of((OPENED,)), Path("/proc/timeline.png"))
