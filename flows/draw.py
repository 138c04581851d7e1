"""A flow as a picture: SVG for people, Mermaid for pages that render it."""

from __future__ import annotations

import re
import textwrap
from html import escape

from flows.layout import Layout, Point, lay_out
from flows.picture import Arrow, Box, BoxKind, Picture, picture
from flows.schema import Flow

_CHARACTERS = 38  # of a line in a box
_LINES = 2  # of one thing that a box says
_LABEL = 30  # characters of an arrow's label
_TEXT, _SMALL = 12.0, 11.0  # font sizes
_LINE = 16.0
_PAD = 12.0
_MARGIN = 28.0
_CORNERS = {BoxKind.STEP: 6, BoxKind.GATE: 6, BoxKind.TOPIC: 14}

_STYLE = """
text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:#1f2430}
.title{font-weight:600;font-size:13px}
.key{fill:#5b6472}
.box{stroke-width:1.4}
.step{fill:#f4f6fa;stroke:#7d8796}
.first{stroke-width:2.6}
.gate{fill:#fdf3d8;stroke:#b7860b}
.topic{fill:#eef0fb;stroke:#6c74c9;stroke-dasharray:4 3}
.complete{fill:#dff3e4;stroke:#2f8f4e}
.handed_over{fill:#e1eefb;stroke:#3276b8}
.cancelled{fill:#eceef1;stroke:#7d8796}
.gave_up{fill:#fbe4e1;stroke:#b9473a}
.way{fill:none;stroke:#7d8796;stroke-width:1.5}
.aside{stroke-dasharray:5 4;stroke-width:1.2}
.tip{fill:#7d8796}
.label{font-size:11px;fill:#4b5361;paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}
@media (prefers-color-scheme:dark){.label{fill:#d5dae3;stroke:#14171d}}
"""


def draw_svg(flow: Flow) -> str:
    """The flow as an SVG document. `flow`: written out, as loaded."""
    shown = picture(flow)
    texts = {box.name: _lines(box) for box in shown.boxes}
    sizes = {box.name: _size(box, texts[box.name]) for box in shown.boxes}
    layout = lay_out(sizes, [(arrow.source, arrow.target) for arrow in shown.arrows])
    width, height = layout.width + 2 * _MARGIN, layout.height + 2 * _MARGIN
    parts = [_head(shown, width, height)]
    parts += [_arrow(arrow, layout) for arrow in shown.arrows]
    parts += [_box(box, texts[box.name], layout.corners[box.name], sizes[box.name]) for box in shown.boxes]
    parts += [_label(arrow, layout) for arrow in shown.arrows if arrow.label]
    return "\n".join([*parts, "</g>", "</svg>", ""])


def draw_mermaid(flow: Flow) -> str:
    """The flow as a Mermaid flowchart. `flow`: written out, as loaded."""
    shown = picture(flow)
    ids = {box.name: f"n{at}" for at, box in enumerate(shown.boxes)}
    lines = ["---", f'title: "{_plain(shown.title)}"', "---", "flowchart TD"]
    for box in shown.boxes:
        left, right = _SHAPES.get(box.kind, ("([", "])"))
        words = [f"<b>{_quoted(box.title)}</b>", *(_quoted(_shortened(" ".join(pair))) for pair in box.words)]
        lines.append(f'  {ids[box.name]}{left}"{"<br>".join(words)}"{right}:::{box.kind}')
    for arrow in shown.arrows:
        line = "-.->" if arrow.aside else "-->"
        label = f'|"{_quoted(_shortened(arrow.label))}"|' if arrow.label else ""
        lines.append(f"  {ids[arrow.source]} {line}{label} {ids[arrow.target]}")
    lines += [
        f"  classDef {kind} {_colours(kind)}" for kind in dict.fromkeys(box.kind for box in shown.boxes)
    ]
    return "\n".join([*lines, ""])


_SHAPES = {BoxKind.STEP: ("[", "]"), BoxKind.GATE: ("{{", "}}"), BoxKind.TOPIC: (">", "]")}


def _plain(text: str) -> str:
    return re.sub(r'["\\\n]', " ", text)


def _quoted(text: str) -> str:
    """Mermaid's own escapes: nothing of a flow can end a label, or be taken for markup."""
    return re.sub(r"[^\w .,:;?!'“”↩=+*/()-]", lambda found: f"#{ord(found[0])};", text)


def _colours(kind: BoxKind) -> str:
    fill, stroke = re.findall(rf"\.{kind}{{fill:(#\w+);stroke:(#\w+)", _STYLE)[0]
    return f"fill:{fill},stroke:{stroke},color:#1f2430"


def _shortened(text: str, most: int = 60) -> str:
    return textwrap.shorten(text, most, placeholder=" …") if " " in text else text[:most]


# --- boxes ---------------------------------------------------------------------------------------------------

_Line = tuple[str, str]
"""A word that says what follows, "" for none, and the text."""


def _lines(box: Box) -> list[_Line]:
    found: list[_Line] = []
    for key, text in box.words:
        wrapped = textwrap.wrap(
            text, _CHARACTERS - len(key), max_lines=_LINES, placeholder=" …", break_long_words=True
        )
        found += [(key if at == 0 else "", line) for at, line in enumerate(wrapped)]
    return found


def _size(box: Box, lines: list[_Line]) -> Point:
    longest = max([len(box.title) * 1.15, *(len(key) + len(text) + 1 for key, text in lines)])
    return max(90.0, longest * _TEXT * 0.6 + 2 * _PAD), _LINE * (1 + len(lines)) + 2 * _PAD - 4


def _box(box: Box, lines: list[_Line], corner: Point, size: Point) -> str:
    (left, top), (width, height) = corner, size
    round_ = _CORNERS.get(box.kind, height / 2)
    kind = f"box {box.kind}{' first' if box.first else ''}"
    parts = [
        f'<g transform="translate({left:.1f} {top:.1f})">',
        f'<rect class="{kind}" width="{width:.1f}" height="{height:.1f}" rx="{round_:.0f}"/>',
    ]
    if box.kind is BoxKind.GATE:
        inner = f'x="3" y="3" width="{width - 6:.1f}" height="{height - 6:.1f}" rx="4"'
        parts.append(f'<rect class="gate" {inner} stroke-width="0.8"/>')
    middle = f' x="{width / 2:.1f}" text-anchor="middle"' if not lines else f' x="{_PAD}"'
    parts.append(f'<text class="title"{middle} y="{_PAD + 10:.1f}">{escape(box.title)}</text>')
    for at, (key, text) in enumerate(lines, start=1):
        told = f'<tspan class="key">{escape(key)}</tspan> ' if key else ""
        parts.append(f'<text x="{_PAD}" y="{_PAD + 10 + at * _LINE:.1f}">{told}{escape(text)}</text>')
    return "".join([*parts, "</g>"])


def _head(shown: Picture, width: float, height: float) -> str:
    described = "; ".join(
        _told(shown, box) for box in shown.boxes if box.kind in (BoxKind.STEP, BoxKind.GATE)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" aria-labelledby="title desc">\n'
        f'<title id="title">{escape(shown.title)}: {escape(shown.about)}</title>\n'
        f'<desc id="desc">{escape(described)}.</desc>\n'
        f"<style>{_STYLE}</style>\n"
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto-start-reverse"><path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>\n'
        f'<g transform="translate({_MARGIN:.0f} {_MARGIN:.0f})">'
    )


def _told(shown: Picture, box: Box) -> str:
    ways = [
        f"{arrow.target}{f' ({arrow.label})' if arrow.label else ''}"
        for arrow in shown.arrows
        if arrow.source == box.name and not arrow.aside
    ]
    return f"{box.title} leads to {', '.join(ways)}" if ways else f"{box.title} returns"


# --- arrows --------------------------------------------------------------------------------------------------


def _arrow(arrow: Arrow, layout: Layout) -> str:
    points = layout.routes[arrow.source, arrow.target]
    kind = "way aside" if arrow.aside else "way"
    return f'<path class="{kind}" d="{_path(points)}" marker-end="url(#tip)"/>'


def _path(points: tuple[Point, ...]) -> str:
    """Down through all points with vertical tangents; a way back goes round corners."""
    first, *others = points
    if len(points) == 4 and points[1][0] == points[2][0] and points[0][1] == points[1][1]:
        (_, _), (lane, out), (_, into), (end, _) = points
        turn = 10 if out > into else -10
        return (
            f"M{first[0]:.1f} {first[1]:.1f}H{lane - 10:.1f}q10 0 10 {-turn}V{into + turn:.1f}q0 {-turn} -10 {-turn}"
            f"H{end:.1f}"
        )
    told = [f"M{first[0]:.1f} {first[1]:.1f}"]
    for (x0, y0), (x1, y1) in zip(points, others, strict=False):
        half = (y0 + y1) / 2
        told.append(f"C{x0:.1f} {half:.1f} {x1:.1f} {half:.1f} {x1:.1f} {y1:.1f}")
    return "".join(told)


def _label(arrow: Arrow, layout: Layout) -> str:
    """Near the end of an arrow, where those that come from one box have parted."""
    points = layout.routes[arrow.source, arrow.target]
    (x0, y0), (x1, y1) = points[0], points[1]
    backward = len(points) == 4 and y0 == y1
    x, y = (x0 + 8, y0 - 5) if backward else (x0 + (x1 - x0) * 0.6, y0 + (y1 - y0) * 0.62)
    anchor = "start" if backward else "middle"
    text = escape(_shortened(arrow.label, _LABEL))
    return f'<text class="label" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
