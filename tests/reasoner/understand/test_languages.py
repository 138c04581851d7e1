"""English is one language among others, as far as anybody but its own tables knows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import reasoner.understand
from reasoner.errors import UnknownLanguage
from reasoner.understand import anticipate
from reasoner.understand.language import language_for
from reasoner.understand.names_en import first_names, last_names
from tests.reasoner.understand.asking import INTAKE, asked, heard


def test_a_language_without_forms_is_refused_and_the_cure_named() -> None:
    flow = INTAKE.model_copy(update={"language": "tlh-KX"})
    with pytest.raises(UnknownLanguage, match=r"'tlh-KX'; known are en\..*Set `language`"):
        anticipate(flow, asked("name"))
    with pytest.raises(UnknownLanguage):
        heard(asked("name"), "susan", flow=flow)


@pytest.mark.parametrize("tag", ["en", "en-US", "EN-gb"])
def test_every_english_is_english(tag: str) -> None:
    assert language_for(tag) is language_for("en")


def test_only_files_of_a_language_hold_its_words() -> None:
    folder = Path(reasoner.understand.__file__).parent
    for path in folder.glob("*.py"):
        # What a model is told is English, in whatever language callers are understood.
        if path.stem.endswith("_en") or path.stem == "english" or path.stem.startswith("llm"):
            continue
        tree = ast.parse(path.read_text())
        docstrings = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        said = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
        ]
        assert not [text for text in said if re.search(r"\b(yes|no|my|it's|march|please|sorry)\b", text)], (
            path
        )


def test_the_lists_of_names_are_long_and_have_no_name_twice() -> None:
    for names, least in ((first_names(), 300), (last_names(), 500)):
        assert len(names) >= least
        assert len({name.lower() for name in names}) == len(names)
    assert {"Clark", "Nguyen", "Garcia", "Patel", "Khan", "Ivanov", "O'Brien"} <= set(last_names())
