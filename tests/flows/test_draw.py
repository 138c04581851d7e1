"""Drawings of flows: everything is on them, nothing covers anything, and nothing in a flow can break out."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from flows.draw import draw_mermaid, draw_svg
from flows.layout import lay_out
from flows.loader import library, load_flow
from flows.picture import BoxKind, picture
from flows.schema import Flow
from tests.flows.writing import FRAME, SOURCES, write_examples

SVG = "{http://www.w3.org/2000/svg}"


def loaded(folder: Path, example: str) -> Flow:
    return load_flow(str(write_examples(folder)[example]))


@pytest.mark.parametrize("example", sorted(SOURCES))
def test_every_step_and_outcome_is_drawn_with_a_title_for_those_who_do_not_see_it(
    tmp_path: Path, example: str
) -> None:
    flow = loaded(tmp_path, example)
    root = Xml.fromstring(draw_svg(flow))
    drawn = {text.text for text in root.iter(f"{SVG}text") if text.get("class") == "title"}
    assert set(flow.steps) <= drawn
    assert root.get("role") == "img" and root.get("aria-labelledby") == "title desc"
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None and title.text == "example 1: An example"
    assert desc is not None and desc.text and next(iter(flow.steps)) in desc.text
    mermaid = draw_mermaid(flow)
    assert all(f"<b>{step}</b>" in mermaid for step in flow.steps)


@pytest.mark.parametrize("name", [name for name, _path in library()])
def test_every_flow_of_the_library_can_be_drawn(name: str) -> None:
    Xml.fromstring(draw_svg(load_flow(name)))


def test_gates_topics_and_outcomes_look_different_from_steps(tmp_path: Path) -> None:
    kinds = {box.name: box.kind for box in picture(loaded(tmp_path, "gates")).boxes}
    assert kinds == {
        "tell": BoxKind.STEP,
        "identity": BoxKind.GATE,
        "complete": BoxKind.COMPLETE,
        "locked_out": BoxKind.GAVE_UP,
    }
    assert {box.kind for box in picture(loaded(tmp_path, "topics")).boxes} >= {BoxKind.TOPIC}


def test_an_arrow_says_when_it_is_taken(tmp_path: Path) -> None:
    told = {(a.source, a.target): (a.label, a.aside) for a in picture(loaded(tmp_path, "loops")).arrows}
    assert told["more", "exercise"] == ("yes", False)
    assert told["exercise", "more"] == ("answer == 42", False)
    assert told["exercise", "enough"] == ("after 5 times", True)


def test_what_a_flow_says_stays_text(tmp_path: Path) -> None:
    evil = '"] --> x<script>alert(1)</script> & "'
    path = tmp_path / "evil.yaml"
    path.write_text(f"{FRAME}steps:\n  a:\n    say: '{evil}'\n")
    flow = load_flow(str(path))
    root = Xml.fromstring(draw_svg(flow))
    assert not list(root.iter(f"{SVG}script")) and "<script>" not in draw_svg(flow)
    line = next(line for line in draw_mermaid(flow).splitlines() if "alert" in line)
    assert re.fullmatch(r'  n0\["[^"]*"\]:::step', line) and "<script" not in line


# --- layout --------------------------------------------------------------------------------------------------

SIZES = dict.fromkeys("abcdefgh", (100.0, 40.0))
EDGES = [
    ("a", "b"),
    ("a", "c"),
    ("b", "d"),
    ("c", "d"),
    ("a", "d"),
    ("d", "a"),
    ("d", "e"),
    ("e", "e"),
    ("f", "d"),
    ("c", "g"),
]


def test_no_two_boxes_overlap() -> None:
    corners = lay_out(SIZES, EDGES).corners
    for one, other in combinations(SIZES, 2):
        (x0, y0), (x1, y1) = corners[one], corners[other]
        assert abs(x0 - x1) >= 100 or abs(y0 - y1) >= 40, (one, other)


def test_ways_lead_down_and_ways_back_go_round_the_outside() -> None:
    layout = lay_out(SIZES, EDGES)
    assert set(layout.routes) == set(EDGES)
    for (source, target), route in layout.routes.items():
        if (source, target) in (("d", "a"), ("e", "e")):
            assert max(x for x, _y in route) > max(x for x, _y in layout.corners.values()) + 100
        else:
            assert all(y0 < y1 for (_, y0), (_, y1) in pairwise(route)), (source, target)
    assert layout.width >= max(x for route in layout.routes.values() for x, _y in route)


def test_a_drawing_does_not_change_from_one_time_to_the_next(tmp_path: Path) -> None:
    flow = loaded(tmp_path, "questions")
    assert draw_svg(flow) == draw_svg(flow)


def test_a_flow_of_a_thousand_steps_is_drawn_in_seconds(tmp_path: Path) -> None:
    path = tmp_path / "long.yaml"
    path.write_text(FRAME + "steps:\n" + "".join(f"  s{n}: {{say: Hello {n}.}}\n" for n in range(1000)))
    assert draw_svg(load_flow(str(path))).count("<rect") == 1001
