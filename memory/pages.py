"""Markdown pages → passages: one for each section, as plain text that can be read out."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from memory.errors import MemoryFailure
from memory.types import Passage

MOST_WORDS = 120
"""In a passage. About what a role prompt has room for; longer sections become several passages."""
MOST_FILE_BYTES = 1_000_000
MOST_FILES = 2_000
MOST_PASSAGES = 20_000

_FRONT_MATTER = re.compile(r"\A---\r?\n.*?\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])")
_LETTERS_A_WORD = 8
_NOT_WORD = re.compile(r"[^\w]+")


def read_pages(folder: Path) -> list[Passage]:
    """Read every `*.md` under a folder, in the order of their names.

    A passage's `id` is `file#heading`, with `.2`, `.3` ... for the further parts of a long section; its `source`
    is the file's path within the folder; its `title` is the headings above it: "Visiting us: Parking".

    Raises:
        MemoryFailure: there is no such folder, no page in it, a file cannot be read, is no UTF-8, or is too large.
    """
    passages: list[Passage] = []
    for file in _files(folder):
        passages += read_page(file.relative_to(folder).as_posix(), _text(file))
        if len(passages) > MOST_PASSAGES:
            raise MemoryFailure(
                f"{folder}: more than {MOST_PASSAGES} passages. Put them under several folders, one for each flow"
            )
    if not passages:
        raise MemoryFailure(
            f"{folder}: no text in the Markdown pages there. Write some, or take the folder away"
        )
    return passages


def read_page(source: str, text: str) -> list[Passage]:
    """The passages of one page. `source`: its name, used in ids; pure."""
    passages: list[Passage] = []
    slugs: set[str] = set()
    for section in _sections(source, text):
        slug = _slug(section.headings[-1], slugs)
        slugs.add(slug)
        title = ": ".join(section.headings)
        for part, words in enumerate(_parts(section.paragraphs), start=1):
            place = f"{source}#{slug}" if part == 1 else f"{source}#{slug}.{part}"
            passages.append(Passage(id=place, text=words, source=source, title=title))
    return passages


def _files(folder: Path) -> Sequence[Path]:
    if not folder.is_dir():
        raise MemoryFailure(
            f"{folder}: no such folder of pages. Create it, or correct `knowledge` in the flow"
        )
    inside = (file for file in folder.rglob("*.md") if file.is_file())
    files = sorted(
        file for file in inside if not any(p.startswith(".") for p in file.relative_to(folder).parts)
    )
    if not files:
        raise MemoryFailure(
            f"{folder}: no Markdown page (*.md) there. Write one, or take `knowledge` out of the flow"
        )
    if len(files) > MOST_FILES:
        raise MemoryFailure(f"{folder}: {len(files)} pages, more than {MOST_FILES}. Use several folders")
    return files


def _text(file: Path) -> str:
    try:
        size = file.stat().st_size
        if size > MOST_FILE_BYTES:
            raise MemoryFailure(
                f"{file}: {size:,} bytes, more than {MOST_FILE_BYTES:,}. Split the page into several files"
            )
        data = file.read_bytes()
    except OSError as trouble:
        raise MemoryFailure(
            f"{file}: cannot be read ({trouble.strerror}). See to its permissions"
        ) from trouble
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as trouble:
        line = data.count(b"\n", 0, trouble.start) + 1
        raise MemoryFailure(
            f"{file}:{line}: not UTF-8 text (byte 0x{data[trouble.start]:02x}). Save the page as UTF-8"
        ) from trouble


@dataclass(slots=True)
class _Section:
    """What stands under a heading. `headings`: from the page's title down to its own."""

    headings: tuple[str, ...]
    paragraphs: list[str] = field(default_factory=list)


def _sections(source: str, text: str) -> list[_Section]:
    page = Path(source).stem.replace("_", " ").replace("-", " ").strip().capitalize() or source
    above: list[tuple[int, str]] = []  # levels and words of the headings that we are under
    sections = [_Section((page,))]
    tokens = MarkdownIt("commonmark").enable("table").parse(_FRONT_MATTER.sub("", text))
    for level, words in _blocks(SyntaxTreeNode(tokens)):
        if not words:
            continue
        if level:
            above = [heading for heading in above if heading[0] < level]
            above.append((level, words))
            sections.append(_Section(tuple(heading for _, heading in above)))
        else:
            sections[-1].paragraphs.append(words)
    return sections


def _blocks(node: SyntaxTreeNode) -> Iterator[tuple[int, str]]:
    """Each block of text with its heading's level, 0 for a paragraph. HTML and rules are left out."""
    match node.type:
        case "heading":
            yield int(node.tag[1:]), _plain(node)
        case "inline":
            yield 0, _plain(node)
        case "fence" | "code_block":
            yield 0, " ".join(node.content.split())
        case "table":
            yield from ((0, row) for row in _rows(node))
        case _:
            for child in node.children:
                yield from _blocks(child)


def _rows(table: SyntaxTreeNode) -> Iterator[str]:
    """Each row of a table's body as a line that makes sense alone: "Day: Saturday, Hours: nine to one"."""
    header, *rows = [
        [_plain(cell) for cell in row.children] for part in table.children for row in part.children
    ]
    for row in rows:
        cells = zip(header, row, strict=False)
        yield ", ".join(f"{name}: {cell}" if name else cell for name, cell in cells if cell)


def _plain(node: SyntaxTreeNode) -> str:
    """The words of a node without any markup, on one line."""
    return " ".join("".join(_pieces(node)).split())


def _pieces(node: SyntaxTreeNode) -> Iterator[str]:
    match node.type:
        case "text" | "code_inline":
            yield node.content
        case "softbreak" | "hardbreak":
            yield " "
        case _:
            for child in node.children:
                yield from _pieces(child)


def _parts(paragraphs: Sequence[str]) -> Iterator[str]:
    """The paragraphs of a section, joined as far as a passage has room. One longer than that is cut at sentences."""
    pieces = [piece for paragraph in paragraphs for piece in _within_room(paragraph)]
    part: list[str] = []
    for piece in pieces:
        if part and _words(part) + _words([piece]) > MOST_WORDS:
            yield "\n".join(part)
            part = []
        part.append(piece)
    if part:
        yield "\n".join(part)


def _within_room(paragraph: str) -> Iterator[str]:
    """The paragraph as it stands, or its sentences; what never ends is cut where it must."""
    if _words([paragraph]) <= MOST_WORDS:
        yield paragraph
        return
    for sentence in _SENTENCE_END.split(paragraph):
        yield from textwrap.wrap(sentence, MOST_WORDS * _LETTERS_A_WORD, break_on_hyphens=False)


def _words(texts: Sequence[str]) -> int:
    """How many words, counted by length where a script puts no spaces between them."""
    return sum(max(len(text.split()), len(text) // _LETTERS_A_WORD) for text in texts)


def _slug(heading: str, taken: set[str]) -> str:
    """The heading as part of an id: lower case, words joined by dashes, numbered where it is taken."""
    slug = first = _NOT_WORD.sub("-", heading.casefold()).strip("-") or "section"
    number = 1
    while slug in taken:
        number += 1
        slug = f"{first}-{number}"
    return slug
