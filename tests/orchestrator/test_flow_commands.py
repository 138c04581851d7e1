"""`souffleur flows`, as people use it: what it prints, what it writes, and its exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from orchestrator import cli
from tests.orchestrator.shop_flow import shop

TALK = """  a blue one:
    talk:
      - {caller: one two three four, agent: one two}
      - {caller: "yes", agent: [Your order is packed]}
      - {caller: blue}
      - {caller: "yes", outcome: complete}
    actions: {look_up: {status: packed}, paint: {id: R7}}
  a person:
    talk:
      - {caller: i want to talk to a person, agent: connect you}
    outcome: handed_over
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUFFLEUR_DATA__FOLDER", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ("flows", *arguments), catch_exceptions=False)


def registered(folder: Path) -> None:
    """Settings in which the flow's two functions are registered."""
    (folder / "souffleur.toml").write_text(
        '[actions.functions]\nlook_up = "builtins:dict"\npaint = "builtins:dict"\n'
    )


# --- check ---------------------------------------------------------------------------------------------------


def test_a_flow_in_order_is_said_to_be(tmp_path: Path) -> None:
    registered(tmp_path)
    path = shop(tmp_path)
    result = run("check", str(path))
    assert (result.exit_code, result.stdout) == (0, f"{path}: in order\n")


def test_every_mistake_is_told_with_its_line_and_cure(tmp_path: Path) -> None:
    path = shop(tmp_path, ("    do: paint\n", "    do: pain\n"))
    result = run("check", str(path))
    assert result.exit_code == 2
    (told,) = (line for line in result.stdout.splitlines() if "pain`" in line)
    line = path.read_text()[: path.read_text().index("do: pain")].count("\n") + 1
    assert told.startswith(f"{path}:{line}:")
    assert "Did you mean `paint`?" in told
    assert "in order" not in result.stdout


def test_a_warning_fails_nothing(tmp_path: Path) -> None:
    registered(tmp_path)
    path = shop(tmp_path, ("    label: colour\n", "    label: colour\n    confirm: never\n"))
    result = run("check", str(path))
    assert result.exit_code == 0
    warning, verdict = result.stdout.splitlines()
    assert warning.startswith(f"{path}:") and ": warning: " in warning
    assert "`paint` writes `colour`" in warning
    assert verdict == f"{path}: in order"


def test_what_the_deployment_does_not_allow_is_a_warning(tmp_path: Path) -> None:
    path = shop(tmp_path)
    result = run("check", str(path))
    assert result.exit_code == 0
    told = result.stdout.splitlines()
    assert told[0].startswith(f"{path}: warning: actions.look_up.python")
    assert told[1].startswith(f"{path}: warning: actions.paint.python")
    assert told[2:] == [f"{path}: in order"]


def test_settings_can_be_named(tmp_path: Path) -> None:
    registered(tmp_path)
    (tmp_path / "souffleur.toml").rename(tmp_path / "other.toml")
    assert "warning" in run("check", str(shop(tmp_path))).stdout
    assert "warning" not in run("check", str(shop(tmp_path)), "--config", "other.toml").stdout


def test_several_flows_are_all_checked(tmp_path: Path) -> None:
    bad = shop(tmp_path, ("type: digits", "type: digit"), name="bad.yaml")
    good = shop(tmp_path)
    result = run("check", str(bad), str(good))
    assert result.exit_code == 2
    assert f"{good}: in order" in result.stdout
    assert f"{bad}:" in result.stdout


def test_a_step_that_says_more_than_a_prompt_holds_is_refused(tmp_path: Path) -> None:
    path = shop(tmp_path, ("  choose:\n", "  choose:\n    say: " + "Your order is on its way. " * 60 + "\n"))
    result = run("check", str(path))
    assert result.exit_code == 2
    assert "what the step `choose` has to say takes about" in result.stdout
    assert "Say less at once" in result.stdout


@pytest.mark.parametrize("command", ["check", "test", "draw"])
def test_a_flow_that_is_not_there_is_told_in_a_sentence(command: str) -> None:
    result = run(command, "nowhere.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("souffleur: there is no flow file nowhere.yaml.")
    assert result.stderr.count("\n") == 1


def test_what_is_in_a_flow_does_not_steer_the_console(tmp_path: Path) -> None:
    path = shop(tmp_path, ("    do: paint\n", '    do: "[bold]x[/bold] \\e[31m"\n'))
    result = run("check", str(path))
    assert result.exit_code == 2
    assert "\x1b" not in result.stdout
    assert "[bold]x[/bold]" in result.stdout
    tested = run("test", str(shop(tmp_path, ("One moment.", '"One \\e[31mmoment"'), tests=TALK)), "--show")
    assert tested.exit_code == 0
    assert "\x1b" not in tested.stdout and "One  [31mmoment" in tested.stdout


# --- test ----------------------------------------------------------------------------------------------------


def test_tests_that_pass_are_a_line_each(tmp_path: Path) -> None:
    result = run("test", str(shop(tmp_path, tests=TALK)))
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "passed  a blue one",
        "passed  a person",
        "2 of 2 tests of shop passed",
    ]


def test_what_was_said_is_shown_where_it_is_asked_for(tmp_path: Path) -> None:
    result = run("test", str(shop(tmp_path, tests=TALK)), "--show", "--only", "PERSON")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "passed  a person"
    assert "    caller: i want to talk to a person" in result.stdout
    assert "    agent:  I will connect you with a person now." in result.stdout
    assert result.stdout.endswith("1 of 1 tests of shop passed\n")


def test_a_test_that_fails_is_shown_with_what_is_wrong(tmp_path: Path) -> None:
    failing = TALK.replace("[Your order is packed]", "[Your order is lost]")
    failing = failing.replace("outcome: handed_over", "outcome: hung_up")
    result = run("test", str(shop(tmp_path, tests=failing)))
    assert result.exit_code == 1
    told = result.stdout.splitlines()
    assert told[0] == "FAILED  a blue one"
    at = told.index('    -> the agent does not say "Your order is lost"')
    assert told[at - 1].startswith("    agent:  ") and told[at - 2] == "    caller: yes"
    assert "    -> the outcome is handed_over, not hung_up" in told
    assert told[-1] == "0 of 2 tests of shop passed"


def test_no_tests_are_no_success(tmp_path: Path) -> None:
    none = run("test", str(shop(tmp_path)))
    assert (none.exit_code, none.stdout) == (1, "shop has no tests; write some under `tests:`\n")
    other = run("test", str(shop(tmp_path, tests=TALK)), "--only", "nobody")
    assert (other.exit_code, other.stdout) == (
        1,
        "no test of shop has `nobody` in its name; there are: a blue one, a person\n",
    )


def test_a_flow_with_mistakes_is_not_tested(tmp_path: Path) -> None:
    result = run("test", str(shop(tmp_path, ("do: paint", "do: pain"), tests=TALK)))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "pain" in result.stderr


# --- draw ----------------------------------------------------------------------------------------------------


def test_a_flow_is_drawn_as_text(tmp_path: Path) -> None:
    result = run("draw", str(shop(tmp_path)))
    assert result.exit_code == 0
    assert "flowchart" in result.stdout
    for step in ("find", "choose", "change"):
        assert step in result.stdout


def test_a_flow_is_drawn_into_a_file_by_its_ending(tmp_path: Path) -> None:
    path = str(shop(tmp_path))
    drawn = run("draw", path, "--out", "new/shop.svg")
    assert (drawn.exit_code, drawn.stdout) == (0, "written: new/shop.svg\n")
    assert ElementTree.parse(tmp_path / "new" / "shop.svg").getroot().tag.endswith("svg")
    assert run("draw", path, "--out", "shop.mmd").exit_code == 0
    assert (tmp_path / "shop.mmd").read_text() == run("draw", path).stdout
    assert run("draw", path, "--out", "SHOP.SVG").exit_code == 0
    assert (tmp_path / "SHOP.SVG").read_text().lstrip().startswith("<")


def test_a_kind_of_picture_that_cannot_be_drawn_is_told(tmp_path: Path) -> None:
    result = run("draw", str(shop(tmp_path)), "--out", "shop.png")
    assert result.exit_code == 2
    assert ".svg" in result.stderr and ".mmd" in result.stderr
    assert not (tmp_path / "shop.png").exists()


@pytest.mark.parametrize("command", ["draw", "schema"])
@pytest.mark.parametrize("out", ["/proc/nowhere.svg", "folder.svg", "file.txt/inner.svg"])
def test_a_file_that_cannot_be_written_is_told(tmp_path: Path, command: str, out: str) -> None:
    (tmp_path / "folder.svg").mkdir()
    (tmp_path / "file.txt").touch()
    flow = (str(shop(tmp_path)),) if command == "draw" else ()
    result = run(command, *flow, "--out", out)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"souffleur: {out} cannot be written: ")
    assert result.stderr.count("\n") == 1


# --- diff ----------------------------------------------------------------------------------------------------


def test_what_changed_is_said_in_words(tmp_path: Path) -> None:
    old = shop(tmp_path)
    new = shop(tmp_path, ("version: 1", "version: 2"), ("timeout_s: 3", "timeout_s: 4"), name="new.yaml")
    result = run("diff", str(old), str(new))
    assert result.exit_code == 0
    assert "look_up" in result.stdout
    assert "timeout_s" in result.stdout or "4" in result.stdout


def test_nothing_changed_is_said_too(tmp_path: Path) -> None:
    path = str(shop(tmp_path))
    result = run("diff", path, path)
    assert (result.exit_code, result.stdout) == (0, "Nothing has changed.\n")


def test_a_version_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    bad = shop(tmp_path, ("do: paint", "do: pain"), name="bad.yaml")
    result = run("diff", str(shop(tmp_path)), str(bad))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "bad.yaml" in result.stderr


# --- schema --------------------------------------------------------------------------------------------------


def test_the_schema_is_printed_and_written(tmp_path: Path) -> None:
    printed = run("schema")
    assert printed.exit_code == 0
    assert json.loads(printed.stdout)["$schema"]
    written = run("schema", "--out", "flow.schema.json")
    assert (written.exit_code, written.stdout) == (0, "written: flow.schema.json\n")
    assert (tmp_path / "flow.schema.json").read_text() == printed.stdout


# --- the README ----------------------------------------------------------------------------------------------


def test_the_flow_of_the_readme_is_in_order_and_its_test_passes(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (flow,) = re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)
    (tmp_path / "table.yaml").write_text(flow)
    checked = run("check", "table.yaml")
    assert checked.exit_code == 0, checked.stdout
    assert [line for line in checked.stdout.splitlines() if "actions." not in line] == [
        "table.yaml: in order"
    ]
    tested = run("test", "table.yaml")
    assert tested.exit_code == 0, tested.stdout
