"""The page about the language is made from the language, and all that it shows can be loaded."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flows.loader import load_flow
from flows.reference import FRAME, examples, reference
from flows.schema import Flow
from flows.step import Step
from tests.flows.writing import write_examples

WRITTEN = Path(__file__).parents[2] / "docs" / "flows.md"
SHOWN = re.findall(r"## ([^\n]+)\n(?:(?!\n## ).)*?```yaml\n(.*?)```", reference(), re.DOTALL)


def test_the_page_in_docs_is_not_stale() -> None:
    assert WRITTEN.read_text(encoding="utf-8") == reference(), (
        "docs/flows.md is stale; make it anew with: python -m flows.reference"
    )


@pytest.mark.parametrize(("title", "code"), SHOWN)
def test_every_example_on_the_page_loads(tmp_path: Path, title: str, code: str) -> None:
    write_examples(tmp_path)
    path = tmp_path / "shown.yaml"
    path.write_text(FRAME + code)
    assert load_flow(str(path)).flow == "example", title


def test_every_example_is_on_the_page() -> None:
    assert [title for title, _code in SHOWN] == [title for title, _words, _code in examples()]


@pytest.mark.parametrize("part", [Flow, Step])
def test_every_key_is_explained_by_its_name_in_files(part: type[Flow] | type[Step]) -> None:
    page = reference().split("## All keys")[1]
    for name, info in part.model_fields.items():
        assert (f"| `{info.alias or name}` |" in page) is not bool(info.exclude)
    assert "`if_`" not in page


def test_links_within_the_page_lead_somewhere() -> None:
    page = reference()
    headings = [
        re.sub(r"[^\w -]", "", h).strip().lower().replace(" ", "-")
        for h in re.findall(r"^#+ (.+)$", page, re.M)
    ]
    assert set(re.findall(r"\(#([^)]+)\)", page)) <= set(headings)
    assert len(headings) == len(set(headings))
