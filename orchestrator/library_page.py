"""The page about the library: of each flow what it does, its drawing, and a conversation held with it.

`python -m orchestrator.library_page` makes `docs/library.md` anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import anyio

from flows.draw import draw_mermaid
from flows.loader import LoadedFlow, library, open_flow
from orchestrator.flow_tests import Held, hold

PAGE = Path(__file__).parents[1] / "docs" / "library.md"

_INTRODUCTION = """\
# The library of flows

<!-- Made from flows/library: `python -m orchestrator.library_page` makes it anew. -->

Flows that come along: to ring up as they are, to copy and change, to call from your own. Companies, systems and people
in them are made up.

```sh
souffleur chat customer_service        # type with one
souffleur flows test customer_service --show
cp flows/library/customer_service.yaml mine.yaml
```

How they are written is told in [the flow language](flows.md). The conversations below are tests that stand in the files,
held just now: what other systems answer is what the test says.
"""


async def library_page() -> str:
    """The page, in Markdown.

    Raises:
        FlowError: a flow of the library has mistakes.
    """
    parts = [_INTRODUCTION]
    for name, path in library():
        loaded = open_flow(name)
        parts.append("\n".join(_about(loaded, path)))
        parts.append("\n".join(await _shown(loaded)))
    return "\n".join(parts)


def _about(loaded: LoadedFlow, path: Path) -> Iterator[str]:
    flow = loaded.flow
    yield f"## {flow.flow.replace('_', ' ').capitalize()}\n"
    yield f"{_head(path)} ([`{path.name}`](../flows/library/{path.name}))\n"
    yield f"```mermaid\n{draw_mermaid(flow)}```\n"


def _head(path: Path) -> str:
    """What the file says of itself in its first lines."""
    lines = path.read_text(encoding="utf-8").splitlines()
    end = next(n for n, line in enumerate(lines) if not line.startswith("#"))
    return " ".join(line.lstrip("# ") for line in lines[:end])


async def _shown(loaded: LoadedFlow) -> list[str]:
    """The first test, as it was held, and what the others show."""
    (name, test), *others = loaded.flow.tests.items()
    held = await hold(loaded.flow, name, test)
    told = [f"### {held.name.capitalize()}\n", *_talk(held)]
    if others:
        told.append(f"\nIts other tests: {'; '.join(other for other, _ in others)}.")
    return [*told, ""]


def _talk(held: Held) -> Iterator[str]:
    for exchange in held.exchanges:
        if exchange.caller:
            yield f"> **Caller:** {_as_text(exchange.caller)}  "
        if exchange.agent and (exchange.caller or exchange is held.exchanges[0]):
            yield f"> **Agent:** {_as_text(exchange.agent)}  "


def _as_text(words: str) -> str:
    return words.replace("*", r"\*").replace("_", r"\_").replace("<", "&lt;")


if __name__ == "__main__":
    PAGE.write_text(anyio.run(library_page), encoding="utf-8")
