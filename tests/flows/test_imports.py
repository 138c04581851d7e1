"""Flows that import others: from where, what is told of whose mistakes, and what bounds them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from flows.errors import BadFlow
from flows.loader import DEEPEST_IMPORT, check_file, library, load_flow, open_flow
from flows.reference import FRAME
from tests.flows.writing import SOURCES, write_examples


def calling(
    folder: Path, imports: str, name: str = "main.yaml", steps: str = "  one: {call: other}\n"
) -> Path:
    path = folder / name
    path.write_text(f"{FRAME}imports: {{other: {imports}}}\nsteps:\n{steps}")
    return path


def rules(path: Path) -> list[str]:
    return [f"{Path(m.file).name}:{m.line}:{m.column} {m.rule}. {m.cure}" for m in check_file(str(path))]


def test_a_called_flow_becomes_part_of_the_flow_that_calls_it(tmp_path: Path) -> None:
    loaded = open_flow(str(write_examples(tmp_path)["calls"]))
    assert {"who.name", "who.customer_number"} <= set(loaded.flow.slots)
    assert "who.main" in loaded.flow.steps
    assert set(loaded.written.steps) == {"who", "wishes"}


def test_editing_an_imported_file_changes_the_hash_of_what_imports_it(tmp_path: Path) -> None:
    paths = write_examples(tmp_path)
    before = load_flow(str(paths["calls"])).content_hash
    paths["identity"].write_text(SOURCES["identity"].replace("# Flows", "# All flows"))
    assert load_flow(str(paths["calls"])).content_hash == before
    paths["identity"].write_text(SOURCES["identity"].replace("length: 6", "length: 7"))
    assert load_flow(str(paths["calls"])).content_hash != before


def test_a_mistake_of_an_imported_file_is_told_with_the_name_of_that_file(tmp_path: Path) -> None:
    paths = write_examples(tmp_path)
    paths["identity"].write_text(SOURCES["identity"].replace("person_name", "person_nam"))
    told = rules(paths["calls"])
    assert told[0].startswith(
        "11_identity.yaml:10:9 `person_nam` is not a type in `slots.name`. Did you mean"
    )
    assert told[1].startswith("12_calls.yaml:10:13 the flow `11_identity.yaml` has mistakes of its own. See ")
    assert len(told) == 2, "what the other file brings is not known, so nothing is said about names in it"


def test_a_flow_of_the_library_is_imported_by_its_name(tmp_path: Path) -> None:
    name = library()[0][0]
    assert any(step.startswith("one.") for step in load_flow(str(calling(tmp_path, name))).steps)
    assert rules(calling(tmp_path, name[:-1]))[0].endswith(f"in the library. Did you mean `{name}`?")


@pytest.mark.parametrize("named", ["../other.yaml", "/etc/passwd.yaml", "link.yaml", "sub/../../other.yaml"])
def test_an_import_never_leads_out_of_the_flows_own_folder(tmp_path: Path, named: str) -> None:
    home = tmp_path / "home"
    (home / "sub").mkdir(parents=True)
    (tmp_path / "other.yaml").write_text(SOURCES["form"])
    (home / "link.yaml").symlink_to(tmp_path / "other.yaml")
    assert "leads out of the flow's own folder" in rules(calling(home, named))[0]


@pytest.mark.parametrize("named", ["oter.yaml", '"a\\0b.yaml"', f"{'x' * 1000}.yaml"])
def test_an_import_that_is_not_there_is_told_where_it_is_named(tmp_path: Path, named: str) -> None:
    (tmp_path / "other.yaml").write_text(SOURCES["form"])
    told = rules(calling(tmp_path, named))
    assert told[0].startswith("main.yaml:5:18 there is no file"), told


def test_flows_that_import_each_other_are_told_the_ring(tmp_path: Path) -> None:
    calling(tmp_path, "main.yaml", "b.yaml")
    told = rules(calling(tmp_path, "b.yaml"))
    assert told[0].startswith(
        "b.yaml:5:18 the flows import each other in a ring: main.yaml → b.yaml → main.yaml"
    )
    assert "ring: main.yaml → main.yaml" in rules(calling(tmp_path, "main.yaml"))[0]


def test_imports_are_not_followed_for_ever(tmp_path: Path) -> None:
    last = DEEPEST_IMPORT + 3
    for n in range(last):
        calling(tmp_path, f"f{n + 1}.yaml", f"f{n}.yaml")
    (tmp_path / f"f{last}.yaml").write_text(SOURCES["form"])
    assert any("imports are nested deeper than 8 files" in rule for rule in rules(tmp_path / "f0.yaml"))
    load_flow(str(tmp_path / "f4.yaml"))


def test_a_few_calls_cannot_make_millions_of_steps(tmp_path: Path) -> None:
    (tmp_path / "f0.yaml").write_text(SOURCES["form"])
    for n in range(1, 7):
        steps = "".join(f"  s{at}: {{call: other}}\n" for at in range(12))
        calling(tmp_path, f"f{n - 1}.yaml", f"f{n}.yaml", steps)
    began = time.monotonic()
    told = rules(tmp_path / "f6.yaml")
    assert any("500 is the most" in rule for rule in told), told
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("slots:\n" + "".join(f"  s{n}: text\n" for n in range(501)), "the flow has 501 slots"),
        ("steps:\n" + "".join(f"  s{n}: {{}}\n" for n in range(2001)), "the flow has 2001 steps"),
        ("done_when: " + "a" * 501 + "\nask: []", "`done_when` string should have at most 500 characters"),
        ("ask: [" + "x, " * 6000 + "]", "`ask` names `x`, and there is no such slot"),
        ("slots: {" + "".join(f"a{n}: {{b: c}}, " for n in range(480)) + "}\nask: []", "unknown key `b`"),
    ],
)
def test_a_huge_file_is_refused_soon(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "huge.yaml"
    path.write_text(FRAME + text)
    began = time.monotonic()
    with pytest.raises(BadFlow) as bad:
        open_flow(str(path))
    assert any(told in str(mistake) for mistake in bad.value.mistakes)
    assert time.monotonic() - began < 20


def test_what_the_loader_sets_cannot_be_written_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "form.yaml"
    path.write_text(SOURCES["form"] + "content_hash: abc\n")
    assert rules(path)[0].startswith("form.yaml:17:1 unknown key `content_hash`")
