"""What becomes of Markdown pages: passages with a place, a title and plain words."""

from __future__ import annotations

from pathlib import Path

import pytest

from memory import pages
from memory.errors import MemoryFailure
from memory.pages import read_page, read_pages
from memory.splitting import MOST_WORDS

CLINIC = Path(__file__).parents[2] / "flows" / "library" / "knowledge" / "riverside_clinic"


def texts(markdown: str) -> list[str]:
    return [passage.text for passage in read_page("page.md", markdown)]


def ids(markdown: str) -> list[str]:
    return [passage.id.removeprefix("page.md#") for passage in read_page("page.md", markdown)]


def titles(markdown: str) -> list[str]:
    return [passage.title for passage in read_page("page.md", markdown)]


def test_the_clinics_pages_give_one_passage_for_each_section() -> None:
    found = {passage.id: passage for passage in read_pages(CLINIC)}
    assert len(found) == 13
    parking = found["visiting.md#parking"]
    assert parking.source == "visiting.md"
    assert parking.title == "Visiting us: Parking"
    assert parking.text.startswith("Parking is free for patients in the garage on Mill Street.")


def test_titles_are_the_headings_above() -> None:
    page = "# Visiting\n\nWelcome.\n\n## Getting here\n\n### By bus\n\nLine 12.\n\n## Parking\n\nFree."
    assert titles(page) == ["Visiting", "Visiting: Getting here: By bus", "Visiting: Parking"]


def test_a_page_without_headings_is_called_by_its_file() -> None:
    [only] = read_page("notes/opening_hours.md", "From eight to six.")
    assert (only.id, only.title, only.source) == (
        "notes/opening_hours.md#opening-hours",
        "Opening hours",
        "notes/opening_hours.md",
    )


def test_a_heading_without_text_is_no_passage() -> None:
    assert ids("# Visiting\n\n## Parking\n\n## Bus\n\nLine 12.\n") == ["bus"]


def test_ids_are_unique_and_stay_when_other_sections_change() -> None:
    page = "# A\n\n## Costs\n\nOne.\n\n## Costs\n\nTwo.\n\n## Costs 2\n\nThree.\n"
    assert ids(page) == ["costs", "costs-2", "costs-2-2"]
    longer = page.replace("One.", "One. " + "More words. " * 100)
    assert set(ids(page)) <= set(ids(longer))


def test_ids_keep_the_letters_of_every_language() -> None:
    assert ids("## Öffnungszeiten & Straße\n\nAb acht.\n\n## 营业时间\n\n每天。\n\n## !?\n\nX.") == [
        "öffnungszeiten-strasse",
        "营业时间",
        "section",
    ]


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("Bring *your* **card** and `id`.", "Bring your card and id."),
        (
            "See [our site](https://example.org 'x') or <https://example.org>.",
            "See our site or https://example.org.",
        ),
        ("![the garage](garage.png) is free", "the garage is free"),
        ("one\ntwo  \nthree\\\nfour", "one two three four"),
        ("Salt &amp; pepper &copy;", "Salt & pepper ©"),
        ("Text <b>bold</b> <!-- note to self --> end", "Text bold end"),
        ("> Quoted.", "Quoted."),
        ("<div>layout</div>\n\nText.", "Text."),
        ("Over.\n\n---\n\nUnder.", "Over.\nUnder."),
        ("- one\n- two\n  - three\n\n1. first\n2. second", "one\ntwo\nthree\nfirst\nsecond"),
        ("```\ncall  112\n```", "call 112"),
        ("snake_case and 2 * 3", "snake_case and 2 * 3"),
    ],
)
def test_no_markup_is_left(markdown: str, plain: str) -> None:
    assert "\n".join(texts(markdown)) == plain


def test_each_row_of_a_table_makes_sense_alone() -> None:
    table = "| Day | Hours |\n|---|---|\n| Monday | eight to **six** |\n| Sunday | |\n"
    assert texts(table) == ["Day: Monday, Hours: eight to six\nDay: Sunday"]


def test_front_matter_is_not_read_out() -> None:
    page = "---\ntitle: x\ntags: [a]\n---\n\nText."
    assert (texts(page), titles(page)) == (["Text."], ["Page"])


def test_a_long_section_is_split_where_paragraphs_end_and_nothing_is_lost() -> None:
    paragraphs = [f"Paragraph {n} " + "word " * 40 + "end." for n in range(8)]
    found = read_page("page.md", "## Long\n\n" + "\n\n".join(paragraphs))
    assert [passage.id for passage in found] == ["page.md#long", *(f"page.md#long.{n}" for n in (2, 3, 4))]
    assert "\n".join(passage.text for passage in found).split("\n") == [
        " ".join(p.split()) for p in paragraphs
    ]
    assert all(len(passage.text.split()) <= MOST_WORDS for passage in found)
    assert {passage.title for passage in found} == {"Long"}


def test_a_long_paragraph_is_split_where_sentences_end() -> None:
    sentences = [f"Sentence {n} has quite a few words in it, more than ten of them." for n in range(30)]
    found = texts(" ".join(sentences))
    assert len(found) > 1
    assert all(text.endswith(".") and len(text.split()) <= MOST_WORDS for text in found)
    assert " ".join(found).replace("\n", " ") == " ".join(sentences)


@pytest.mark.parametrize("letters", ["endless " * 1000, "每天" * 3000])
def test_what_has_no_end_is_cut_all_the_same(letters: str) -> None:
    found = texts(letters)
    assert max(map(len, found)) <= 8 * MOST_WORDS
    assert "".join(found).replace(" ", "").replace("\n", "") == letters.replace(" ", "")


def test_folders_within_folders_are_read_and_hidden_ones_are_not(tmp_path: Path) -> None:
    for name in ("b.md", "a/deep.md", ".git/x.md", ".hidden.md", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"Words of {name}.")
    assert [passage.source for passage in read_pages(tmp_path)] == ["a/deep.md", "b.md"]


def test_windows_files_read_the_same(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_bytes(b"\xef\xbb\xbf# A\r\n\r\nText.")
    (tmp_path / "a.md").write_bytes(b"\xef\xbb\xbf---\r\nx: 1\r\n---\r\n\r\n## B\r\n\r\nOne\r\ntwo.\r\n")
    assert [(p.id, p.title, p.text) for p in read_pages(tmp_path)] == [
        ("a.md#b", "B", "One two."),
        ("b.md#a", "A", "Text."),
    ]


def test_a_file_that_is_not_utf_8_is_named_with_its_line_and_a_cure(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes("# Wien\n\nÖffnungszeiten\n".encode("cp1252"))
    with pytest.raises(
        MemoryFailure, match=r"a\.md:3: not UTF-8 text \(byte 0xd6\)\. Save the page as UTF-8"
    ):
        read_pages(tmp_path)


def test_a_file_that_is_too_large_is_named_with_a_cure(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("word " * 250_000)
    with pytest.raises(MemoryFailure, match=r"a\.md: 1,250,000 bytes, more than 1,000,000\. Split the page"):
        read_pages(tmp_path)


def test_too_many_pages_or_passages_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(3):
        (tmp_path / f"{n}.md").write_text("# A\n\nText.\n\n# B\n\nText.")
    monkeypatch.setattr(pages, "MOST_PASSAGES", 5)
    with pytest.raises(MemoryFailure, match="more than 5 passages"):
        read_pages(tmp_path)
    monkeypatch.setattr(pages, "MOST_FILES", 2)
    with pytest.raises(MemoryFailure, match="3 pages, more than 2"):
        read_pages(tmp_path)


def test_a_folder_that_is_missing_or_empty_is_told_with_a_cure(tmp_path: Path) -> None:
    with pytest.raises(MemoryFailure, match=r"no such folder of pages\. Create it, or correct `knowledge`"):
        read_pages(tmp_path / "nowhere")
    with pytest.raises(MemoryFailure, match=r"no Markdown page \(\*\.md\) there"):
        read_pages(tmp_path)
    (tmp_path / "a.md").write_text("# Only a heading\n")
    with pytest.raises(MemoryFailure, match="no text in the Markdown pages"):
        read_pages(tmp_path)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.md").symlink_to("/proc/self/mem")  # not even by root
    with pytest.raises(MemoryFailure, match=r"a\.md: cannot be read \(Input/output error\)"):
        read_pages(tmp_path)
