"""The schema for editors takes what the loader takes, and tells what it can of what the loader refuses."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from flows.json_schema import json_schema, json_schema_text
from flows.loader import check_file, library
from tests.flows.writing import SOURCES, write_examples

WRITTEN = Path(__file__).parents[2] / "docs" / "flow.schema.json"
VALIDATOR = Draft202012Validator(json_schema())


def as_an_editor_reads(text: str) -> Any:
    def plain(part: Any) -> Any:
        match part:
            case dict():
                return {str(key): plain(value) for key, value in part.items()}
            case list():
                return [plain(item) for item in part]
            case date():
                return part.isoformat()
            case _:
                return part

    return plain(YAML(typ="safe", pure=True).load(text))


def troubles(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(as_an_editor_reads(text))]


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(json_schema())


def test_the_file_in_docs_is_not_stale() -> None:
    assert WRITTEN.read_text(encoding="utf-8") == json_schema_text(), (
        "docs/flow.schema.json is stale; make it anew with: python -m flows.reference"
    )


@pytest.mark.parametrize("name", [name for name, _path in library()])
def test_every_flow_of_the_library_is_in_order_for_an_editor(name: str) -> None:
    assert troubles(dict(library())[name].read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("example", sorted(SOURCES))
def test_every_example_is_in_order_for_an_editor(example: str) -> None:
    assert troubles(SOURCES[example]) == []


@pytest.mark.parametrize(
    ("example", "slip"),
    [
        ("form", ("phone: phone", "phone: phon")),
        ("form", ("about:", "abuot:")),
        ("form", ("version: 1", "version: one")),
        ("form", ("  phone: phone", "  Phone: phone")),
        ("form", ("flow: example\n", "flow: example\ncontent_hash: x\n")),
        ("form", ("type: time", "type: time\n    attempts: 11")),
        ("form", ("type: time", "type: time\n    required: perhaps")),
        ("steps", ("how: paraphrase", "how: sung")),
        ("steps", ("then: complete", "then: {to: complete}")),
        ("steps", ("if: reason", "iff: reason")),
        ("actions", ("effect: read", "effect: reads")),
        ("actions", ("http: {url:", "http: {ulr:")),
        ("gates", ("    passes: pin_right\n", "")),
        ("topics", ("visit: where_is_it", "visits: where_is_it")),
        ("calls", ("      flow: identity", "      first: x\n      flow: identity")),
        ("limits", ("give_up: nurse", "give_up: [nurse]")),
        ("tests", ("outcome: complete", "outcom: complete")),
    ],
)  # fmt: skip
def test_what_the_loader_refuses_is_told_in_the_editor(
    tmp_path: Path, example: str, slip: tuple[str, str]
) -> None:
    text = SOURCES[example].replace(*slip, 1)
    assert text != SOURCES[example]
    assert troubles(text)
    path = write_examples(tmp_path)[example]
    path.write_text(text)
    assert check_file(str(path))


@pytest.mark.parametrize(
    "text",
    [
        "slots: {a: text}\nask: a",
        "slots: {a: {type: text, required: no, again: Once more?}}\nask: [a]",
        "steps: {a: {say: [Hello., {text: You., must_finish: yes}], then: complete}}",
        "outcomes: {a: complete}\nsteps: {a1: {question: Is it?, answers: {yes: a, no: {go: a}}}}",
    ],
)
def test_short_forms_are_taken(text: str) -> None:
    head = "flow: a\nversion: 1.10\nabout: 7\nagent: {name: a, company: b, business: no}\n"
    assert troubles(head + text) == []


def test_editors_are_told_what_keys_mean() -> None:
    shown = json.dumps(json_schema())
    assert "How many silences in a row end the call." in shown
    assert '"if_"' not in shown and '"with_"' not in shown
