"""Scores of many calls in figures, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from orchestrator.simulate.figures import Rate, f1, mean, pass_all
from orchestrator.simulate.score import Score

PASS_K = 5
_HEADINGS = "right done slots wrong garbled mended back told re-ask pass^5 F1 turns never".split()


@dataclass(frozen=True, slots=True)
class Cell:
    """Many calls of one sort.

    Attributes:
        success: ended as they had to, with every value right. complete: of those that had to complete.
        never: how often happened what must never happen: by name.
        pass_k: how likely that PASS_K of them all succeed, None of fewer.
        escalation: precision, recall and F1 of handing over, each None where it is not defined.
        turns: of successful calls: mean, and its interval.
    """

    calls: int
    success: Rate
    complete: Rate
    slots: Rate
    confirmed_wrong: Rate
    garbled: Rate
    corrections: Rate
    digressions: Rate
    answered: Rate
    reasks: Rate
    asked_again: Rate
    never: dict[str, int]
    pass_k: float | None
    escalation: tuple[float | None, float | None, float | None]
    turns: tuple[float, float, float]
    word_errors: Rate


def cell(scores: Sequence[Score]) -> Cell:
    """Sum scores up."""

    def total(of: Callable[[Score], Rate]) -> Rate:
        return sum(map(of, scores), Rate(0, 0))

    good = sum(score.success for score in scores)
    due = sum(score.handed_over and score.human_due for score in scores)
    handed, wanted = sum(score.handed_over for score in scores), sum(score.human_due for score in scores)
    return Cell(
        calls=len(scores),
        success=Rate(good, len(scores)),
        complete=Rate(sum(score.complete for score in scores), sum(score.meant_complete for score in scores)),
        slots=total(lambda score: score.slots),
        confirmed_wrong=total(lambda score: score.confirmed_wrong),
        garbled=total(lambda score: score.garbled),
        corrections=total(lambda score: score.corrections),
        digressions=total(lambda score: score.digressions),
        answered=total(lambda score: score.answered),
        reasks=total(lambda score: score.reasks),
        asked_again=total(lambda score: score.asked_again),
        never={
            "incomplete at complete": sum(score.incomplete for score in scores),
            "gate breached": sum(score.breaches for score in scores),
            "out of order": sum(score.out_of_order for score in scores),
            "no end": sum(not score.ended for score in scores),
        },
        pass_k=pass_all(good, len(scores), PASS_K),
        escalation=(
            Rate(due, handed).share,
            Rate(due, wanted).share,
            f1(due, handed - due, wanted - due),
        ),
        turns=mean([float(score.turns) for score in scores if score.success]),
        word_errors=Rate(sum(score.word_errors for score in scores), sum(score.words for score in scores)),
    )


def as_json(cell: Cell) -> dict[str, Any]:
    """Shares with their intervals, 95 %."""
    rates = {
        name: getattr(cell, name)
        for name in (
            "success",
            "complete",
            "slots",
            "confirmed_wrong",
            "corrections",
            "digressions",
            "reasks",
        )
    } | {"garbled": cell.garbled, "asked_again": cell.asked_again, "word_errors": cell.word_errors}
    precision, recall, both = cell.escalation
    return {
        "calls": cell.calls,
        **{name: _rate(rate) for name, rate in rates.items()},
        **{name.replace(" ", "_"): count for name, count in cell.never.items()},
        f"pass_{PASS_K}": cell.pass_k,
        "escalation": {"precision": precision, "recall": recall, "f1": both},
        "turns": dict(zip(("mean", "low", "high"), (round(value, 2) for value in cell.turns), strict=True)),
    }


def table(rows: Sequence[tuple[str, Cell]], title: str) -> Table:
    """One row for each cell, in percent.

    right: calls that ended as they had to with every value right. done: of those that had to complete, how many
    did. wrong: of confirmed values. garbled: of confirmed texts, those that hold an answer with most of its words
    misheard; they are not among the wrong ones. mended: corrections that were right one turn later. back: digressions that led
    back to the question. told: of those that the flow's pages answer, how many were answered from there. never: how often happened what must not.
    """
    drawn = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    drawn.add_column("callers", no_wrap=True)
    for heading in _HEADINGS:
        drawn.add_column(heading, justify="right", no_wrap=True)
    for name, one in rows:
        rates = (
            one.success, one.complete, one.slots, one.confirmed_wrong, one.garbled, one.corrections, one.digressions, one.answered, one.reasks,
        )  # fmt: skip
        drawn.add_row(
            name,
            *map(_percent, rates),
            "-" if one.pass_k is None else f"{one.pass_k:.2f}",
            "-" if one.escalation[2] is None else f"{one.escalation[2]:.2f}",
            f"{one.turns[0]:.1f}",
            str(sum(one.never.values())),
        )
    return drawn


def _rate(rate: Rate) -> dict[str, Any]:
    low, high = rate.interval
    share = rate.share
    return {
        "hits": rate.hits,
        "of": rate.of,
        "share": None if share is None else round(share, 4),
        "low": round(low, 4),
        "high": round(high, 4),
    }


def _percent(rate: Rate) -> str:
    return "-" if rate.share is None else f"{100 * rate.share:.1f}".replace("100.0", "100")
