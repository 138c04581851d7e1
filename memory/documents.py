"""Files of several kinds → passages: Markdown, text, HTML, PDF and CSV, by what their names end in."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from memory.errors import MemoryFailure
from memory.pages import page_name, read_page, text_of
from memory.splitting import Section, passages_of
from memory.types import Passage

MOST_PDF_BYTES = 50_000_000
MOST_ROWS = 20_000
_BLOCKS = ("p", "li", "td", "th", "pre", "blockquote", "dd", "dt", "figcaption", "caption", "address")
_LEFT_OUT = ("script", "style", "nav", "header", "footer", "template", "noscript", "form", "svg")
_HEADING = re.compile(r"h([1-6])")


def read_document(file: Path, source: str) -> list[Passage]:
    """The passages of a file. Empty where it has no text.

    Args:
        source: what it is called in ids and answers; its words are searched as well.

    Raises:
        MemoryFailure: it cannot be read, is too large, or is of no kind that is known here.
    """
    kind = file.suffix.lower()
    if kind not in KINDS:
        raise MemoryFailure(f"{file}: of no kind that can be read; save it as {', '.join(sorted(KINDS))}")
    return KINDS[kind](file, source)


def documents_in(place: Path) -> Iterator[tuple[Path, str]]:
    """A file, or every file of a known kind under a folder, each with its source. Hidden ones are left out.

    Raises:
        MemoryFailure: there is no such file or folder, or nothing in it that can be read.
    """
    if place.is_file():
        yield place, place.name
        return
    if not place.is_dir():
        raise MemoryFailure(f"{place}: no such file or folder; check its name")
    inside = sorted(file for file in place.rglob("*") if file.is_file() and file.suffix.lower() in KINDS)
    shown = [file for file in inside if not any(p.startswith(".") for p in file.relative_to(place).parts)]
    if not shown:
        raise MemoryFailure(
            f"{place}: nothing there that can be read; there should be {', '.join(sorted(KINDS))}"
        )
    for file in shown:
        yield file, file.relative_to(place).as_posix()


def _markdown(file: Path, source: str) -> list[Passage]:
    return read_page(source, text_of(file))


def _text(file: Path, source: str) -> list[Passage]:
    """Paragraphs are parted by empty lines."""
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text_of(file))]
    return passages_of(source, [Section((page_name(source),), [part for part in paragraphs if part])])


def _html(file: Path, source: str) -> list[Passage]:
    """Under the headings of its body; navigation, forms and scripts are left out."""
    from bs4 import BeautifulSoup
    from bs4.element import Tag

    page = BeautifulSoup(text_of(file), "html.parser")
    name = page.title.get_text(" ", strip=True) if page.title else ""
    for left_out in page.find_all(_LEFT_OUT):
        left_out.decompose()
    above: list[tuple[int, str]] = []
    sections = [Section((name or page_name(source),))]
    for block in (page.body or page).find_all((*_BLOCKS, "h1", "h2", "h3", "h4", "h5", "h6")):
        words = " ".join(block.get_text(" ", strip=True).split())
        inner = isinstance(block, Tag) and block.find(_BLOCKS) is not None
        if not words or inner:
            continue  # the blocks within it come by themselves
        if found := _HEADING.fullmatch(block.name):
            level = int(found[1])
            above = [*(heading for heading in above if heading[0] < level), (level, words)]
            sections.append(Section(tuple(heading for _, heading in above)))
        else:
            sections[-1].paragraphs.append(words)
    return passages_of(source, sections)


def _pdf(file: Path, source: str) -> list[Passage]:
    """Page by page. A PDF that only has pictures of text has none."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        if file.stat().st_size > MOST_PDF_BYTES:
            raise MemoryFailure(f"{file}: more than {MOST_PDF_BYTES:,} bytes. Split it into several files")
        reader = PdfReader(file)
        name = str((reader.metadata.title if reader.metadata else None) or page_name(source))
        texts = [page.extract_text() for page in reader.pages]
    except (PyPdfError, OSError, ValueError, KeyError) as trouble:
        raise MemoryFailure(
            f"{file}: no PDF that can be read ({trouble}). Save it again, without a password"
        ) from trouble
    sections = []
    for number, text in enumerate(texts, start=1):
        paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]
        sections.append(Section((name, f"Page {number}"), [part for part in paragraphs if part]))
    return passages_of(source, sections)


def _csv(file: Path, source: str) -> list[Passage]:
    """Each row is a passage that makes sense alone, `Name: Gold, Fee: 12 dollars`, called by its first cell."""
    text = text_of(file)
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text[:10_000], ",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        rows = [row for row in csv.reader(io.StringIO(text), dialect, strict=True) if any(row)]
    except csv.Error as trouble:
        raise MemoryFailure(
            f"{file}: no CSV that can be read ({trouble}). Quote cells that have quotes"
        ) from trouble
    if len(rows) > MOST_ROWS:
        raise MemoryFailure(
            f"{file}: {len(rows):,} rows, more than {MOST_ROWS:,}. Split it into several files"
        )
    if len(rows) < 2:
        return []
    header, page = [name.strip() for name in rows[0]], page_name(source)
    sections = []
    for number, row in enumerate(rows[1:], start=2):
        if len(row) > len(header):
            raise MemoryFailure(
                f"{file}: row {number} has {len(row)} cells, the first row {len(header)} names. Quote cells that"
                " have the separator in them"
            )
        cells = zip(header, (cell.strip() for cell in row), strict=False)
        words = ", ".join(f"{name}: {cell}" if name else cell for name, cell in cells if cell)
        sections.append(Section((page, row[0].strip() or f"Row {number}"), [words]))
    return passages_of(source, sections)


KINDS: Mapping[str, Callable[[Path, str], list[Passage]]] = {
    ".md": _markdown,
    ".markdown": _markdown,
    ".txt": _text,
    ".html": _html,
    ".htm": _html,
    ".pdf": _pdf,
    ".csv": _csv,
    ".tsv": _csv,
}
