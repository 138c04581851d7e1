"""The embedded recogniser: what it understands of synthesized callers, how soon, and at what cost.

Every voice is a caller of its own who says answers of each kind to the questions of a clinic's intake, and as many
sentences that answer nothing. What is understood is counted from audio that is given as fast as it is listened to;
how soon words come is measured in real time. The voices are synthesizers: people are understood less well.

    python benchmarks/ears.py [--quick] [--noise DB] [--voices slt,en-us] [--json PATH]
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.answers_en import KINDS, Said, sentences
from benchmarks.machine import keep
from duplex_frontend.cascade.ears import PocketsphinxEars
from duplex_frontend.types import Expected, Hypothesis, Source
from flows.loader import load_flow
from reasoner.state import GoalState
from reasoner.types import Pending, Waiting
from reasoner.understand.anticipate import anticipate
from tests.duplex_frontend.speech import (
    ESPEAK_VOICES,
    FLITE_VOICES,
    RATE_HZ,
    Speech,
    as_pcm,
    hiss,
    pieces,
    pink,
    quiet,
    said,
)

ASKED = {
    "phone": Pending(Waiting.ANSWER, ("phone",)),
    "date": Pending(Waiting.ANSWER, ("date_of_birth",)),
    "name": Pending(Waiting.ANSWER, ("name",)),
    "spelling": Pending(Waiting.SPELLING, ("name",)),
    "yes or no": Pending(Waiting.CONFIRMATION, ("phone",)),
    "medicines": Pending(Waiting.ANSWER, ("medicines",)),
    "reason": Pending(Waiting.ANSWER, ("reason",)),
    "insurance": Pending(Waiting.ANSWER, ("insurance",)),
    "wish": Pending(Waiting.ANSWER, ("phone",)),
}
"""What was asked when an answer of each kind is given; an unasked one comes to each question in turn."""

GOALS = {
    "flite: understood": (85.0, "%", True),
    "espeak: understood": (70.0, "%", True),
    "unasked taken for an answer": (6.0, "%", False),
    "end of utterance to reading p95": (150.0, "ms", False),
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What the ears made of a sentence. `asked`: the question's kind."""

    voice: str
    sentence: Said
    asked: str
    hypotheses: tuple[Hypothesis, ...]

    @property
    def understood(self) -> bool:
        return bool(self.hypotheses) and plain(self.hypotheses[0].text) == plain(self.sentence.text)

    @property
    def answered(self) -> bool:
        """A reading of what was expected comes first."""
        return bool(self.hypotheses) and self.hypotheses[0].source is Source.GRAMMAR

    def words_of(self, source: Source) -> list[str]:
        return next((plain(h.text).split() for h in self.hypotheses if h.source is source), [])


@dataclass(slots=True)
class Timing:
    """Milliseconds, from calls in real time."""

    first_word: list[float] = field(default_factory=list)  # after the first sample of speech
    end: list[float] = field(default_factory=list)  # from the last piece of audio to the reading
    cpu_percent: list[float] = field(
        default_factory=list
    )  # of a core, both processes, while the caller speaks
    start: float = 0.0
    memory_mb: float = 0.0


def plain(text: str) -> str:
    """`oh` and `zero` are the same figure."""
    return re.sub(r"\boh\b", "zero", text)


def word_errors(reference: list[str], heard: list[str]) -> int:
    row = list(range(len(heard) + 1))
    for n, word in enumerate(reference, 1):
        before, row[0] = row[:], n
        for m, other in enumerate(heard, 1):
            row[m] = min(before[m] + 1, row[m - 1] + 1, before[m - 1] + (word != other))
    return row[-1]


def questions() -> dict[str, Expected]:
    flow = load_flow("medical_intake")
    found = {}
    for kind, pending in ASKED.items():
        state = GoalState(call=kind, flow=flow.flow, flow_hash=flow.content_hash, pending=pending)
        anticipated = anticipate(flow, state)
        found[kind] = Expected(anticipated.name, anticipated.grammar, anticipated.sounds)
    return found


def on_the_line(speech: Speech, noise_db: float | None) -> bytes:
    """A sentence as the front-end gives it: with a lead-in, the silence that ended it, and the line's noise."""
    whole = np.concatenate([quiet(0.3), speech, quiet(0.35)])
    seconds = len(whole) / RATE_HZ
    whole = whole + hiss(seconds, 0.0003)[: len(whole)]
    if noise_db is not None:
        level = float(np.sqrt(np.mean(np.square(speech)))) * 10 ** (-noise_db / 20)
        whole = whole + pink(len(whole), level)
    return as_pcm(whole)


async def understand(voice: str, spoken: list[Said], noise_db: float | None) -> list[Heard]:
    """One caller, as fast as it is listened to."""
    asked, heard = questions(), []
    kinds = list(ASKED)
    ears = await PocketsphinxEars.start("en-US", lambda _: None, lambda *_: None)
    for n, sentence in enumerate(spoken):
        kind = sentence.kind if sentence.kind in asked else kinds[n % len(kinds)]
        ears.expect(asked[kind])
        ears.begin()
        for piece in pieces(on_the_line(said(sentence.text, voice), noise_db), 60):
            ears.feed(piece)
            await ears.settled()
        heard.append(Heard(voice, sentence, kind, await ears.end()))
    await ears.aclose()
    return heard


async def time_it(voice: str, spoken: list[Said]) -> Timing:
    """One caller in real time."""
    timing, begun_s = Timing(), time.monotonic()
    partials: list[float] = []
    ears = await PocketsphinxEars.start("en-US", lambda _: partials.append(time.monotonic()), lambda *_: None)
    timing.start = (time.monotonic() - begun_s) * 1000
    asked = questions()
    for sentence in spoken:
        ears.expect(asked.get(sentence.kind, asked["phone"]))
        await asyncio.sleep(0.5)  # the agent speaks; grammars are compiled
        pcm = on_the_line(said(sentence.text, voice), None)
        partials.clear()
        busy_s, begun_s = cpu_s(ears.process_ids), time.monotonic()
        ears.begin()
        for n, piece in enumerate(pieces(pcm)):
            ears.feed(piece)
            await asyncio.sleep(max(0.0, begun_s + (n + 1) * 0.02 - time.monotonic()))
        ended_s = time.monotonic()
        await ears.end()
        timing.end.append((time.monotonic() - ended_s) * 1000)
        timing.cpu_percent.append(100 * (cpu_s(ears.process_ids) - busy_s) / (ended_s - begun_s))
        if partials:
            timing.first_word.append((partials[0] - begun_s - 0.3) * 1000)
    timing.memory_mb = sum(map(memory_mb, ears.process_ids))
    await ears.aclose()
    return timing


def cpu_s(process_ids: Iterable[int]) -> float:
    fields = (Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split() for pid in process_ids)
    return sum(int(field[11]) + int(field[12]) for field in fields) / 100


def memory_mb(process_id: int) -> float:
    """Its proportional share of what it shares with others, and all that it does not."""
    lines = Path(f"/proc/{process_id}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def percent(flags: Iterable[bool]) -> float:
    found = list(flags)
    return 100 * sum(found) / len(found) if found else float("nan")


def figures(heard: list[Heard], timing: Timing) -> dict[str, float]:
    measured: dict[str, float] = {}
    for group, voices in (("flite", FLITE_VOICES), ("espeak", ESPEAK_VOICES)):
        answers = [h for h in heard if h.voice in voices and h.sentence.kind != "unasked"]
        unasked = [h for h in heard if h.voice in voices and h.sentence.kind == "unasked"]
        measured[f"{group}: understood"] = percent(h.understood for h in answers)
        errors = sum(word_errors(plain(h.sentence.text).split(), h.words_of(Source.OPEN)) for h in unasked)
        words = sum(len(h.sentence.text.split()) for h in unasked)
        measured[f"{group}: words wrong, open"] = 100 * errors / words if words else float("nan")
    measured["unasked taken for an answer"] = percent(
        h.answered for h in heard if h.sentence.kind == "unasked"
    )
    measured["first words p50"] = float(np.median(timing.first_word))
    measured["end of utterance to reading p50"] = float(np.median(timing.end))
    measured["end of utterance to reading p95"] = float(np.percentile(timing.end, 95))
    measured["of a core while speaking"] = float(np.mean(timing.cpu_percent))
    measured["start"] = timing.start
    measured["memory"] = timing.memory_mb
    return measured


def table(heard: list[Heard]) -> Table:
    shown = Table(title="Understood, % (whole sentence, first reading); unasked: not taken for an answer")
    shown.add_column("voice")
    for kind in KINDS:
        shown.add_column(kind, justify="right")
    for voice in dict.fromkeys(h.voice for h in heard):
        of_voice = [h for h in heard if h.voice == voice]
        row = [
            percent(h.understood for h in of_voice if h.sentence.kind == kind) for kind in list(KINDS)[:-1]
        ]
        row.append(percent(not h.answered for h in of_voice if h.sentence.kind == "unasked"))
        shown.add_row(voice, *(f"{share:.0f}" for share in row))
    return shown


def verdict(measured: dict[str, float]) -> tuple[str, bool]:
    lines, met = [], True
    for name, (goal, unit, at_least) in GOALS.items():
        value = measured[name]
        held = bool(np.isnan(value)) or (value >= goal if at_least else value <= goal)
        met &= held
        lines.append(f"{'met' if held else 'MISSED'} {name} {value:.0f} {unit} (goal {goal:.0f})")
    return "; ".join(lines), met


async def measure(options: argparse.Namespace) -> tuple[list[Heard], Timing]:
    spoken = sentences(2 if options.quick else 6, seed=options.seed)
    voices = options.voices.split(",") if options.voices else (*FLITE_VOICES, *ESPEAK_VOICES)
    heard = [h for voice in voices for h in await understand(voice, spoken, options.noise)]
    return heard, await time_it(voices[0], spoken[: 8 if options.quick else 30])


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="two sentences of each kind instead of six")
    parser.add_argument("--noise", type=float, metavar="DB", help="pink noise so far below the speech")
    parser.add_argument(
        "--voices", default="", help="of flite or espeak-ng, separated by commas; eight by default"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="PATH", help="keep the figures there")
    options = parser.parse_args()
    heard, timing = asyncio.run(measure(options))
    measured, console = figures(heard, timing), Console()
    console.print(table(heard))
    units: dict[str, Any] = {"memory": "MB", "start": "ms"}
    for name, value in measured.items():
        unit = units.get(name, "ms" if "p50" in name or "p95" in name else "%")
        console.print(f"{name}: {value:.0f} {unit}")
    line, met = verdict(measured)
    console.print(line)
    if options.json:
        readings = [
            [h.voice, h.asked, h.sentence.text, [list(hyp_row(x)) for x in h.hypotheses]] for h in heard
        ]
        keep(options.json, {"figures": measured, "readings": readings})
    return 0 if met else 1


def hyp_row(hypothesis: Hypothesis) -> tuple[str, float, str]:
    return hypothesis.text, hypothesis.confidence, hypothesis.source.value


if __name__ == "__main__":
    sys.exit(main())
