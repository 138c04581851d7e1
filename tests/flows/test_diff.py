"""What changed between two versions of a flow, as a supervisor reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.diff import diff_flows
from flows.loader import open_flow
from tests.flows.writing import SOURCES, write_examples


def changes(folder: Path, example: str, *slips: tuple[str, str]) -> list[str]:
    path = write_examples(folder)[example]
    old, text = open_flow(str(path)).written, SOURCES[example]
    for before, after in slips:
        assert before in text, before
        text = text.replace(before, after, 1)
    path.write_text(text)
    return diff_flows(old, open_flow(str(path)).written)


@pytest.mark.parametrize(
    ("example", "slip", "told"),
    [
        ("form", ("[name, phone,", "[phone, name,"), "`phone` is now asked before `name`."),
        ("form", ("phone: phone", "phone: {type: phone, confirm: never}"), "`phone` is no longer confirmed."),
        ("types", ("colour:\n    type: choice", "colour:\n    confirm: read_back\n    type: choice"), "`colour` is now read back at once."),
        ("form", ("call you back?", "ring you?"), "The question of `callback_time` changed from “When may we call you back?” to “When may we ring you?”."),
        ("form", ("version: 1", "version: 2"), "`version` of the flow changed from `1` to `2`."),
        ("form", ("name: Ann", "name: Eve"), "`name` of `agent` changed from `Ann` to `Eve`."),
        ("types", ("blue: []", "blue: []\n      green: []"), "New in the values of `colour`: `green`."),
        ("types", ("gift: {type", "gift: {clear_yes: true, type"), "`gift` now has `clear_yes`."),
        ("gates", ("    needs: identity\n    do: balance_of\n    then:\n      - {say: \"Your balance is {balance}.\"}", "    do: balance_of"), "The step `tell` no longer needs `identity`."),
        ("gates", ("attempts: 3", "attempts: 2"), "`attempts` of the gate `identity` changed from 3 to 2."),
        ("actions", ("timeout_s: 3", "timeout_s: 4.5"), "`timeout_s` of the action `look_up` changed from 3 to 4.5."),
        ("actions", ("find:", "search:"), "The step `find` is now called `search`."),
        ("actions", ("steps:", "steps:\n  hello:\n    say: Hello."), "The step `hello` is new, before `find`."),
        ("steps", ("    ask: fault", "    ask: [fault, invoice]"), "The step `repair` now asks for `invoice`."),
        ("disclosures", (", guaranteed]", "]"), "`never_say` of the flow changed from “free of charge”, `guaranteed` to “free of charge”."),
        ("disclosures", ("twelve months", "two years"), "The text of the disclosure `recording` changed from “This call is recorded. The contract runs for twelve months.” to “This call is recorded. The contract runs for two years.”."),
        ("limits", ("  goodbye: Thank you, and good night.\n", ""), "`goodbye` of `lines` is gone; it was “Thank you, and good night.”."),
    ],
)  # fmt: skip
def test_a_change_is_one_sentence(tmp_path: Path, example: str, slip: tuple[str, str], told: str) -> None:
    found = changes(tmp_path, example, slip)
    assert told in found, "\n".join(found)
    assert len(found) <= 2


def test_a_step_that_moved_is_told_by_where_it_stands_now(tmp_path: Path) -> None:
    before, after = (
        tmp_path / "before.yaml",
        tmp_path / "after.yaml",
    )
    head = SOURCES["form"].split("ask: [")[0] + "steps:\n"
    verify, balance = "  verify: {ask: [name, callback_time]}\n", "  balance: {ask: phone}\n"
    before.write_text(head + balance + verify)
    after.write_text(head + verify + balance)
    old, new = open_flow(str(before)).written, open_flow(str(after)).written
    assert diff_flows(old, new) == ["The step `verify` now comes before `balance`."]


@pytest.mark.parametrize("example", sorted(SOURCES))
def test_nothing_is_told_where_nothing_changed(tmp_path: Path, example: str) -> None:
    assert changes(tmp_path, example) == []
