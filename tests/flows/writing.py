"""Flow files for tests: the examples of the reference, with a slip put in."""

from __future__ import annotations

from pathlib import Path

from flows.loader import check_file
from flows.reference import EXAMPLES, FRAME

SOURCES = {
    path.stem[3:]: FRAME + path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.glob("*.yaml"))
}


def write_examples(folder: Path) -> dict[str, Path]:
    """All examples as files in one folder, as they refer to each other, with the pages that they name."""
    for page in ("fees", "hours"):
        (folder / "pages" / page).mkdir(parents=True, exist_ok=True)
        (folder / "pages" / page / "about.md").write_text(f"# {page}\n")
    found = {}
    for path in sorted(EXAMPLES.glob("*.yaml")):
        found[path.stem[3:]] = folder / path.name
        found[path.stem[3:]].write_text(SOURCES[path.stem[3:]])
    return found


def told_of(folder: Path, example: str, *changes: tuple[str, str]) -> list[str]:
    """`severity line-of-text | rule. cure` of each mistake in an example after changes to its text."""
    path = write_examples(folder)[example]
    text = SOURCES[example]
    for old, new in changes:
        assert old in text, f"{old!r} is not in the example {example}"
        text = text.replace(old, new, 1)
    path.write_text(text)
    lines = text.splitlines()
    return [
        f"{m.severity} {lines[m.line - 1][m.column - 1 :] if m.line else ''} | {m.rule}. {m.cure}"
        for m in check_file(str(path))
    ]
