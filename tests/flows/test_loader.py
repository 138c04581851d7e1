"""Flow files: what loads, and what an author is told about what does not."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from flows.errors import BadFlow, FlowError, NoSuchFlow
from flows.loader import LARGEST_BYTES, library, load_flow, open_flow
from flows.slot import SlotType

GOOD = """\
flow: small
version: 1
about: A test
agent: {name: Ann, company: Acme, business: shop}
slots:
  name:
    type: person_name
    label: name
    ask: Your name?
ask: [name]
"""


def write(folder: Path, text: str | bytes, name: str = "small.yaml") -> str:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def mistakes(folder: Path, text: str | bytes) -> list[str]:
    """`line:column rule. cure` of each mistake of a file."""
    with pytest.raises(BadFlow) as bad:
        open_flow(write(folder, text))
    return [f"{m.line}:{m.column} {m.rule}. {m.cure}" for m in bad.value.mistakes]


def test_the_intake_flow_loads_by_its_name_with_its_pages() -> None:
    loaded = open_flow("medical_intake")
    assert loaded.flow.version == "1"
    assert loaded.flow.ask[:3] == ("name", "date_of_birth", "phone")
    assert loaded.knowledge_dir is not None
    assert sorted(page.name for page in loaded.knowledge_dir.glob("*.md")) == [
        "appointments.md",
        "visiting.md",
    ]


def test_every_flow_of_the_library_loads_under_its_own_name() -> None:
    assert library()
    for name, path in library():
        assert load_flow(name).flow == name == path.stem
        assert load_flow(str(path)) == load_flow(name)


def test_a_flow_loads_by_its_file(tmp_path: Path) -> None:
    loaded = open_flow(write(tmp_path, GOOD))
    assert loaded.flow.flow == "small"
    assert loaded.path == tmp_path / "small.yaml"
    assert loaded.knowledge_dir is None


def test_a_file_without_a_suffix_loads_unless_the_library_has_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, GOOD, "small")
    write(tmp_path, GOOD, "medical_intake")
    assert load_flow("small").flow == "small"
    assert load_flow("medical_intake").flow == "medical_intake"


def test_a_loaded_flow_cannot_be_changed(tmp_path: Path) -> None:
    flow = load_flow(write(tmp_path, GOOD))
    with pytest.raises(ValidationError):
        flow.about = "another"  # type: ignore[misc]


@pytest.mark.parametrize("word", ["no", "yes", "on", "off", "null", "y"])
def test_yaml_does_not_turn_names_into_truth_values(tmp_path: Path, word: str) -> None:
    flow = load_flow(write(tmp_path, GOOD.replace("  name:", f"  {word}:").replace("[name]", f"[{word}]")))
    assert flow.ask == (word,)


def test_the_schema_gives_scalars_their_types(tmp_path: Path) -> None:
    text = GOOD.replace("version: 1", "version: 1.10") + "limits: {turns: 0o17, minutes: 2.5}\n"
    assert mistakes(tmp_path, text) == [
        "11:17 `turns` should be a valid integer in `limits`. Write a whole number."
    ]
    flow = load_flow(
        write(tmp_path, text.replace("0o17", "17").replace("type: person", "required: no\n    type: person"))
    )
    assert flow.version == "1.10"  # a number would have lost its nought
    assert (flow.limits.turns, flow.limits.minutes) == (17, 2.5)
    assert flow.slots["name"].required is False


def test_the_hash_follows_the_content_and_not_its_layout(tmp_path: Path) -> None:
    flow = load_flow(write(tmp_path, GOOD))
    commented = GOOD.replace("flow: small", "# about this flow\nflow:   'small'")
    assert load_flow(write(tmp_path, commented)).content_hash == flow.content_hash
    assert load_flow(write(tmp_path, GOOD.replace("Your name?", "Name?"))).content_hash != flow.content_hash
    assert len(flow.content_hash) == 64


def test_the_hash_follows_the_order_of_values(tmp_path: Path) -> None:
    def hash_of(values: str) -> str:
        slot = f"  colour: {{type: choice, label: c, ask: Which?, values: {{{values}}}}}\n"
        return load_flow(
            write(tmp_path, GOOD.replace("ask: [name]", f"{slot}ask: [name, colour]"))
        ).content_hash

    assert hash_of("red: [], blue: []") != hash_of("blue: [], red: []")


# --- what is wrong -------------------------------------------------------------------------------------------


def test_all_mistakes_of_a_file_are_told_at_once_with_place_and_cure(tmp_path: Path) -> None:
    text = """\
flow: Medical Intake
version: one
about: x
agnt: {}
agent:
  name: Claire
  company: Clinic
slots:
  date_of_birth:
    type: dat
    label: date of birth
    ask:
    requird: no
    attempts: 99
  insurance:
    type: choice
    label: insurance
    ask: Which?
    values:
      Aetna: [one]
      Cigna: [two, ONE]
  consent: {type: yes_no, label: consent, ask: May we?, past: maybe}
ask: [date_of_brth, insurance, insurance, consent]
limits: {turns: many}
knowledge: ../other
"""
    assert mistakes(tmp_path, text) == [
        "1:7 `Medical Intake` cannot be used for `flow`. "
        "Begin with a lower-case letter, then use letters, digits and `_`.",
        "2:10 `one` cannot be used for `version`. Write numbers with dots between them: `1` or `1.2`.",
        "4:1 unknown key `agnt`. Did you mean `agent`?",
        "6:3 `business` is missing in `agent`. "
        "Add `business:` (what that is, in two or three words: `family clinic`).",
        "9:3 the slot `date_of_birth` is required and never asked for. "
        "Add it to `ask`, or set `required: false`.",
        "10:11 `dat` is not a type in `slots.date_of_birth`. Did you mean `date`?",
        "12:5 `ask` is empty in `slots.date_of_birth`. Give it a value, or remove the line.",
        "13:5 unknown key `requird` in `slots.date_of_birth`. Did you mean `required`?",
        "14:15 `attempts` should be less than or equal to 10 in `slots.date_of_birth`. ",
        "21:20 `ONE` stands for both `Aetna` and `Cigna`. Keep one of the two.",
        "22:57 `past` means nothing for a yes_no. Remove it; it belongs to date.",
        "22:63 `past` should be a valid boolean in `slots.consent`. Write `true` or `false`.",
        "23:7 `ask` names `date_of_brth`, and there is no such slot. Did you mean `date_of_birth`?",
        "23:32 `ask` names `insurance` twice. Keep one of the two.",
        "24:17 `turns` should be a valid integer in `limits`. Write a whole number.",
        "25:12 `knowledge` leads out of the flow's own folder: ../other. Name a folder beside the flow file.",
    ]


def test_the_text_of_the_error_begins_each_line_with_a_place_to_click(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace("about", "abuot"))
    with pytest.raises(BadFlow) as bad:
        load_flow(path)
    assert str(bad.value).splitlines() == [
        f"{path}:1:1: `about` is missing. Add `about:` (what the call is about, in one sentence).",
        f"{path}:3:1: unknown key `abuot`. Did you mean `about`?",
    ]


SLOT = "\n".join(GOOD.splitlines()[5:9])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("ask: [name]", "ask: []"), "10:6 `ask` is empty. Give it a value"),
        (("flow: small", "flow: small\nflow: other"), "2:1 `flow` is already given in line 1"),
        (("    label: name", "\tlabel: name"), "8:1 found character '\\t' that cannot start any token. Indent with"),
        (("    label: name", "    label: *nobody"), "8:12 `*nobody` stands for nothing"),
        (("slots:", "slots: &all"), None),
        (("    label: name", "    label: &x [*x]"), "8:16 `*x` contains itself"),
        (("A test", "!!python/name:os.system x"), "3:8 the tag `"),
        (("A test", "!!int 7"), "3:8 the tag `"),
        (("A test", "'a test"), "3:8 found unexpected end of stream. Close the quote."),
        (("A test", "see: this"), "3:11 mapping values are not allowed here. Put a text that contains"),
        (("A test", "@ home"), "3:8 found character '@' that cannot start any token. Put a text"),
        (("about", "? [a]\n: b\nabout"), "3:3 a key has to be a word"),
        (("ask: [name]", "ask: [name]\n---\nflow: two"), "11:1 a second document begins here"),
        (("A test", "A \x07 test"), "3:10 a character that text files do not have"),
        (("A test", '"\\uD800"'), "3:8 `about` should be a valid string. Take out the halves of characters"),
        (("A test", '"a \\U00110000"'), "3:11 `\\U00110000` stands for no character"),
        ((SLOT, "  name: Ann"), "6:9 `Ann` is not a type in `slots.name`. Use one of: person_name"),
        (("slots:", "slots: []\nsluts:"), "5:8 `slots` should be a valid dictionary"),
        (("    label: name", "    label: name\n    digits: 7"), "9:5 `digits` means nothing for a person_name"),
        (("agent: {", "agent: {<<: {a: b}, "), "4:9 unknown key `<<` in `agent`"),
        (("  name:", "  First Name:"), "6:3 `First Name` cannot be used for a name. Begin with a lower-case"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_where_it_stands(tmp_path: Path, change: tuple[str, str], told: str | None) -> None:
    text = GOOD.replace(*change, 1)
    assert text != GOOD
    if told is None:
        load_flow(write(tmp_path, text))
        return
    assert any(mistake.startswith(told) for mistake in mistakes(tmp_path, text)), mistakes(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "1:1 the file is empty. Begin with `flow: a_name`."),
        (b"# nothing\n", "1:1 the file is empty. Begin with `flow: a_name`."),
        (b"flow: caf\xe9\n", "1:1 byte 0xe9 is not UTF-8. Save the file as UTF-8."),
        (b"- a\n- b\n", "1:1 `the file` should be a valid dictionary"),
        (b"[" * 3000, "1:21 nested deeper than 20 levels. Flatten the file."),
        (b" " * (LARGEST_BYTES + 1), "0:0 the file is larger than 256 kB"),
    ],
)
def test_what_is_no_flow_at_all_is_told_as_well(tmp_path: Path, text: bytes, told: str) -> None:
    assert mistakes(tmp_path, text)[0].startswith(told)


def test_aliases_save_writing_and_cannot_blow_up_a_file(tmp_path: Path) -> None:
    shared = GOOD.replace("label: name", "label: &word name").replace("ask: Your name?", "ask: *word")
    assert load_flow(write(tmp_path, shared)).slots["name"].ask == "name"

    bomb = "a: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )
    assert "the file expands to more than 20000 parts" in mistakes(tmp_path, bomb)[-1]


def test_a_duplicate_key_does_not_hide_the_other_mistakes(tmp_path: Path) -> None:
    told = mistakes(tmp_path, GOOD.replace("    ask:", "    label: again\n    aks:"))
    assert [t.split(" ", 1)[0] for t in told] == ["9:5", "10:5"]
    assert "`label` is already given in line 8" in told[0]


def test_a_list_or_choice_needs_its_values(tmp_path: Path) -> None:
    kinds = (SlotType.CHOICE, SlotType.LIST, SlotType.YES_NO)
    slots = "".join(f"  s{n}: {{type: {kind}, label: s, ask: s?}}\n" for n, kind in enumerate(kinds))
    text = GOOD.replace(SLOT + "\n", slots).replace("[name]", "[s0, s1, s2]")
    assert [told.split(". ")[0] for told in mistakes(tmp_path, text)] == [
        "6:3 `s0` is a choice without values",
        "7:3 `s1` is a list without values",
    ]


def test_an_optional_slot_need_not_be_asked(tmp_path: Path) -> None:
    optional = SLOT.replace("name:", "nick:", 1) + "\n    required: false"
    assert load_flow(write(tmp_path, GOOD.replace(SLOT, f"{SLOT}\n{optional}"))).ask == ("name",)


# --- pages ---------------------------------------------------------------------------------------------------


def test_the_pages_are_found_beside_the_flow_whatever_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pages" / "deep").mkdir(parents=True)
    (tmp_path / "pages" / "deep" / "a.md").write_text("# A\n")
    write(tmp_path, GOOD + "knowledge: pages\n")
    monkeypatch.chdir(tmp_path)
    assert open_flow("small.yaml").knowledge_dir == tmp_path / "pages"


def test_pages_that_are_not_there_are_told_with_a_close_name(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    assert mistakes(tmp_path, GOOD + "knowledge: page\n") == [
        "11:12 there is no folder `page` beside the flow. Did you mean `pages`?"
    ]
    assert mistakes(tmp_path, GOOD + "knowledge: pages\n") == [
        "11:12 the folder `pages` holds no pages. Add a page: `about.md`."
    ]


def test_pages_never_come_from_outside_of_the_flows_folder(tmp_path: Path) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    home.mkdir()
    other.mkdir()
    (other / "secret.md").write_text("# Secret\n")
    (home / "link").symlink_to(other)
    for named in ("../other", str(other), "link", ".", "link/../../other"):
        assert "leads out of the flow's own folder" in mistakes(home, GOOD + f"knowledge: {named}\n")[0]


# --- names ---------------------------------------------------------------------------------------------------


def test_a_flow_that_does_not_exist_is_told_with_close_names(tmp_path: Path) -> None:
    with pytest.raises(NoSuchFlow, match=r"no flow `medical_intak` in the library.*mean `medical_intake`"):
        load_flow("medical_intak")
    with pytest.raises(NoSuchFlow, match=r"The library has: .*medical_intake"):
        load_flow("zzz")
    write(tmp_path, GOOD)
    with pytest.raises(NoSuchFlow, match=r"no flow file .*smal\.yaml. Did you mean .*small\.yaml"):
        load_flow(str(tmp_path / "smal.yaml"))
    with pytest.raises(NoSuchFlow, match="is a folder"):
        load_flow(f"{tmp_path}/")


@pytest.mark.parametrize("name", ["", ".", "a\0b", "a\0b.yaml", "x" * 5000, "\x1b[31m", "../..", "/dev/null"])
def test_no_name_leads_to_a_traceback(name: str) -> None:
    with pytest.raises(FlowError) as told:
        load_flow(name)
    assert len(str(told.value)) < 500 and str(told.value).isprintable()


# --- anything at all -----------------------------------------------------------------------------------------

INTAKE = next(path for name, path in library() if name == "medical_intake").read_text()


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.text(alphabet=st.sampled_from("ab:- \n\t[]{}&*!|>'\"%@`#?,\\xuU01~<=") | st.characters(), max_size=60)
)
def test_no_file_leads_to_a_traceback(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(text.encode(errors="surrogatepass"))
    with pytest.raises(BadFlow) as told:
        load_flow(str(path))
    assert str(told.value)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1))
def test_a_slip_of_the_hand_in_a_good_file_leads_to_no_traceback(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    chance = random.Random(seed)
    text = INTAKE
    for _slip in range(chance.randrange(1, 4)):
        at = chance.randrange(len(text))
        slip = chance.choice(["", ":", "\n", "  ", "\t", "- ", "[", "'", "&a ", "*a", "é", "\0"])
        text = text[:at] + slip + text[at + chance.randrange(0, 6) :]
    path = tmp_path_factory.getbasetemp() / "slip.yaml"
    path.write_text(text)
    try:
        load_flow(str(path))
    except BadFlow as bad:
        assert all(m.rule for m in bad.mistakes)
