"""Markdown pages → passages: one for each section, as plain text that can be read out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from memory.errors import MemoryFailure
from memory.splitting import Section, passages_of
from memory.types import Passage

MOST_FILE_BYTES = 1_000_000
MOST_FILES = 2_000
MOST_PASSAGES = 20_000

_FRONT_MATTER = re.compile(r"\A---\r?\n.*?\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)


def read_pages(folder: Path) -> list[Passage]:
    """Read every `*.md` under a folder, in the order of their names.

    A passage's `id` is `file#heading`, with `.2`, `.3` ... for the further parts of a long section; its `source`
    is the file's path within the folder; its `title` is the headings above it: "Visiting us: Parking".

    Raises:
        MemoryFailure: there is no such folder, no page in it, a file cannot be read, is no UTF-8, or is too large.
    """
    passages: list[Passage] = []
    for file in _files(folder):
        passages += read_page(file.relative_to(folder).as_posix(), text_of(file))
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
    return passages_of(source, _sections(source, text))


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


def text_of(file: Path) -> str:
    """A file as UTF-8 text. Raises MemoryFailure where it is none, or too large."""
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


def _sections(source: str, text: str) -> list[Section]:
    page = page_name(source)
    above: list[tuple[int, str]] = []  # levels and words of the headings that we are under
    sections = [Section((page,))]
    tokens = MarkdownIt("commonmark").enable("table").parse(_FRONT_MATTER.sub("", text))
    for level, words in _blocks(SyntaxTreeNode(tokens)):
        if not words:
            continue
        if level:
            above = [heading for heading in above if heading[0] < level]
            above.append((level, words))
            sections.append(Section(tuple(heading for _, heading in above)))
        else:
            sections[-1].paragraphs.append(words)
    return sections


def page_name(source: str) -> str:
    """What a page without a title is called: "opening_hours.md" is "Opening hours"."""
    return Path(source).stem.replace("_", " ").replace("-", " ").strip().capitalize() or source


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
