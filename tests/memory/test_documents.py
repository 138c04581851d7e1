"""What becomes of files: passages with a place, a title and plain words; and a plain refusal of what cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from memory.documents import KINDS, documents_in, read_document
from memory.errors import MemoryFailure
from memory.splitting import MOST_WORDS


def pdf(*pages: str) -> bytes:
    """A small PDF, written by hand: a page for each text, in Helvetica."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    kids = []
    for text in pages:
        stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        resources = "<< /Font << /F1 3 0 R >> >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources {resources} "
            f"/Contents {len(objects)} 0 R >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    out, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{each}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    trailer = f"<< /Size {len(objects) + 1} /Root 1 0 R >>"
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n{trailer}\nstartxref\n{len(out)}\n%%EOF\n"
    return out + end.encode()


FILES: dict[str, bytes] = {
    "visiting.md": b"# Visiting us\n\n## Parking\n\nParking is free.\n",
    "notes.txt": b"Parcels wait\nfor ten days.\n\nThen they go back.\n",
    "branch.html": (
        b"<html><head><title>Branch</title><script>evil()</script></head><body><nav>Menu</nav><h1>Our branch</h1>"
        b"<p>Welcome.</p><h2>Lockers</h2><p>A locker costs <b>five</b> dollars.</p><ul><li><p>Bring an id.</p></li>"
        b"</ul></body></html>"
    ),
    "terms.pdf": pdf("The notice period is two weeks.", "Fees are due monthly."),
    "fees.csv": b"Card;Fee;Limit\nGold;12 dollars;5000\nSilver;;1000\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / ".hidden.md").write_text("# No")
    (tmp_path / "picture.png").write_bytes(b"x")
    return tmp_path


def read(folder: Path, name: str) -> list[tuple[str, str, str]]:
    return [(p.title, p.section, p.text) for p in read_document(folder / name, name)]


def test_a_folder_gives_every_file_of_a_known_kind_and_no_other(folder: Path) -> None:
    (folder / "deep").mkdir()
    (folder / "deep" / "more.txt").write_text("More.")
    assert [source for _, source in documents_in(folder)] == sorted([*FILES, "deep/more.txt"])


def test_markdown_text_and_html(folder: Path) -> None:
    assert read(folder, "visiting.md") == [("Visiting us: Parking", "Parking", "Parking is free.")]
    assert read(folder, "notes.txt") == [("Notes", "Notes", "Parcels wait for ten days.\nThen they go back.")]
    assert read(folder, "branch.html") == [
        ("Our branch", "Our branch", "Welcome."),
        ("Our branch: Lockers", "Lockers", "A locker costs five dollars.\nBring an id."),
    ]


def test_a_pdf_gives_its_pages(folder: Path) -> None:
    assert read(folder, "terms.pdf") == [
        ("Terms: Page 1", "Page 1", "The notice period is two weeks."),
        ("Terms: Page 2", "Page 2", "Fees are due monthly."),
    ]


def test_each_row_of_a_table_makes_sense_alone(folder: Path) -> None:
    assert read(folder, "fees.csv") == [
        ("Fees: Gold", "Gold", "Card: Gold, Fee: 12 dollars, Limit: 5000"),
        ("Fees: Silver", "Silver", "Card: Silver, Limit: 1000"),
    ]


def test_long_text_is_split_and_every_id_is_its_own(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("One sentence of six words here. " * 100)
    passages = read_document(tmp_path / "long.txt", "long.txt")
    assert len(passages) > 4 and len({p.id for p in passages}) == len(passages)
    assert all(len(p.text.split()) <= MOST_WORDS for p in passages)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.docx", b"x", r"a\.docx: of no kind that can be read; save it as \.csv"),
        ("a.pdf", b"no pdf", r"a\.pdf: no PDF that can be read"),
        ("a.txt", b"caf\xe9", r"a\.txt:1: not UTF-8"),
        ("a.csv", b"a,b\n1,2,3\n", r"a\.csv: row 2 has 3 cells, the first row 2 names"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place_and_cure(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(MemoryFailure, match=told):
        read_document(tmp_path / name, name)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_empty_file_gives_nothing_or_is_refused_never_an_accident(tmp_path: Path, kind: str) -> None:
    (tmp_path / f"a{kind}").write_bytes(b"")
    if kind == ".pdf":
        with pytest.raises(MemoryFailure):
            read_document(tmp_path / "a.pdf", "a.pdf")
    else:
        assert read_document(tmp_path / f"a{kind}", f"a{kind}") == []


def test_a_place_that_is_not_there_or_has_nothing_says_so(tmp_path: Path) -> None:
    for place, told in ((tmp_path / "none", "no such file"), (tmp_path, "nothing there that can be read")):
        with pytest.raises(MemoryFailure, match=told):
            list(documents_in(place))
