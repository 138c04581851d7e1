"""The duplex engine's speed: prompts in one pass, re-primes of live calls, ticks of full batches, the host's part.

Weights are random; timing needs no others. On a machine with a GPU one command measures the 7B's shape and ends
within nine minutes; what does not fit in its memory or in the time is left out and said. The JSON is written after
every section. Run it in the engine's environment:

    python benchmarks/engine.py [--model tiny|medium|7b] [--quick] [--sections host,prefill,...] [--json PATH]

and draw it with benchmarks/engine_plot.py.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

if TYPE_CHECKING:
    from benchmarks.engine_models import Bench

SECTIONS = ("host", "ticks", "reprime", "reprimed", "prefill", "recogniser")
NEED_S = {"prefill": 75.0, "reprime": 75.0}  # on a GPU; others watch the clock size by size


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    prompts: tuple[int, ...]
    prompt_repeats: int
    every_step: bool  # of upstream's loop
    histories: tuple[int, ...]
    reprime_seats: int
    reprime_ticks: int
    chunks: tuple[int, ...]  # of the shadow under the clock
    grid: tuple[tuple[int, int], ...]  # seats, window
    ticks: int
    busy: tuple[tuple[int, int, int], ...]  # seats, window, history
    busy_ticks: int
    recogniser: tuple[int, ...]
    host_ticks: int


SEATS, WINDOWS = (1, 8, 32, 64, 96, 128), (750, 1500, 3000)


def sizes_for(model: str, *, cuda: bool, quick: bool) -> Sizes:
    if cuda:
        grid = [(seats, window) for window in reversed(WINDOWS) for seats in SEATS]
        grid.sort(key=lambda pair: pair not in ((64, 3000), (128, 1500)))  # the goals first
        busy = [(64, 3000, 750), (128, 1500, 750), (64, 1500, 750), (32, 3000, 750), (96, 1500, 750)]
        busy += [
            (128, 750, 375),
            (8, 3000, 750),
            (32, 1500, 750),
            (96, 750, 375),
            (64, 750, 375),
            (96, 3000, 750),
        ]
        cut = 3 if quick else len(grid)
        return Sizes(
            (64, 128, 256, 512), 2, False, (375, 750, 1500), 16, 100, (16, 64, 256),
            tuple(grid[:cut]), 60, tuple(busy[:cut]), 120, (8, 64) if quick else (1, 8, 32, 64, 96, 128), 600,
        )  # fmt: skip
    # Under the 80 ms clock on two cores: the tiny model, whichever is chosen (see `measure`).
    grid = [(n, w) for w in WINDOWS for n in ((1, 8, 32) if model == "tiny" else (1, 2, 4))]
    if quick:
        return Sizes(
            (64, 128), 1, True, (375,), 8, 60, (4, 16),
            tuple(grid[:2]), 10, ((8, 1500, 375),), 100, (), 200,
        )  # fmt: skip
    return Sizes(
        (64, 128, 256, 512), 3, True, (375, 750, 1500), 8, 250, (4, 16),
        tuple(grid), 40, ((8, 1500, 375), (8, 3000, 750)), 200, (1,), 1000,
    )  # fmt: skip


@dataclass(slots=True)
class Report:
    """What was measured so far, kept after every section."""

    path: Path | None
    ends: float
    kept: dict[str, Any] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    went_wrong: list[str] = field(default_factory=list)

    @property
    def left_s(self) -> float:
        return self.ends - time.monotonic()

    def keep(self) -> None:
        from benchmarks.machine import keep

        if self.path is not None:
            keep(self.path, self.kept | {"left_out": self.left_out})

    def section(self, name: str, rows: Iterable[dict[str, Any]]) -> None:
        """Print and keep a section row by row; what goes wrong in it is said and does not end the run."""
        print(f"\n{name}", flush=True)
        made = self.kept.setdefault(name, [])
        try:
            for row in rows:
                made.append(row)
                print("  " + told(row), flush=True)
                self.keep()
        except Exception as error:
            traceback.print_exc()
            why = f"{name}: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
            self.went_wrong.append(why)
            self.leave_out(why)
        self.keep()

    def leave_out(self, what: str) -> None:
        self.left_out.append(what)
        print(f"  left out: {what}", flush=True)


def told(row: dict[str, Any]) -> str:
    """A row of a table in one line."""
    cells = []
    for name, value in row.items():
        if isinstance(value, dict):
            value = " ".join(f"{k} {v:g}" for k, v in value.items() if k != "count")
        elif isinstance(value, float):
            value = f"{value:g}"
        cells.append(f"{name} {value}")
    return " | ".join(cells)


def each(
    report: Report,
    what: str,
    sizes: Iterable[tuple[int, ...]],
    measure: Callable[..., dict[str, Any]],
    need_s: float,
) -> Iterator[dict[str, Any]]:
    """Measure every size that fits; leave out what is out of memory, and all the rest once time is up."""
    import torch

    for size in sizes:
        if report.left_s < need_s:
            report.leave_out(f"{what} {size}: no time left")
            continue
        try:
            yield measure(*size)
        except torch.cuda.OutOfMemoryError:
            report.leave_out(f"{what} {size}: does not fit in memory")


def fits(bench: Bench, report: Report, sizes: Iterable[tuple[int, ...]], what: str) -> list[tuple[int, ...]]:
    """Those whose keys and values go into what is free; a GPU that is asked for more than it has takes its time."""
    import torch

    if not bench.cuda:
        return list(sizes)
    free, _ = torch.cuda.mem_get_info(bench.device)
    kept = []
    for size in sizes:
        need = size[0] * size[1] * bench.kv_frame
        if need > 0.95 * free:
            report.leave_out(
                f"{what} {size}: {need / 1e9:.0f} GB of keys and values, {free / 1e9:.0f} GB free"
            )
        else:
            kept.append(size)
    return kept


def measure(bench: Bench, sizes: Sizes, wanted: list[str], report: Report) -> None:
    from benchmarks import engine_seats
    from benchmarks.engine_host import host
    from benchmarks.engine_models import bandwidth, build, tidy
    from benchmarks.engine_prefill import prefill
    from benchmarks.engine_recogniser import recogniser
    from duplex_frontend.engine.shadow import CHUNKS

    speed = bandwidth(bench.device)
    report.kept["copy_tb_s"] = round(speed / 1e12, 4)
    print(f"a copy in memory moves {speed / 1e12:.3f} TB/s, read and written counted")

    # Larger ones are slower than real time on a CPU.
    clocked = bench if bench.cuda or bench.name == "tiny" else build("tiny", bench.device)

    def run_reprime() -> Iterator[dict[str, Any]]:
        histories = list(sizes.histories)
        yield from engine_seats.bystanders(
            clocked, sizes.reprime_seats, histories, sizes.reprime_ticks, sizes.chunks
        )
        if clocked is not bench:
            yield from engine_seats.bystanders(bench, 1, histories, 0, CHUNKS)

    def run_host() -> Iterator[dict[str, Any]]:
        import torch

        yield host(build("tiny", torch.device("cpu")), 64, sizes.host_ticks)

    def run_ticks() -> Iterator[dict[str, Any]]:
        grid = fits(bench, report, sizes.grid, "ticks")
        yield from each(
            report, "ticks", grid, lambda n, w: engine_seats.quiet(bench, n, w, sizes.ticks, speed), 20
        )

    def run_reprimed() -> Iterator[dict[str, Any]]:
        grid = fits(bench, report, sizes.busy, "reprimed")
        measured = lambda n, w, h: engine_seats.reprimed(clocked, n, w, h, sizes.busy_ticks)  # noqa: E731
        yield from each(report, "reprimed", grid, measured, 0.08 * sizes.busy_ticks + 20)

    def run_recogniser() -> Iterator[dict[str, Any]]:
        sizes_ = [(n,) for n in sizes.recogniser]
        yield from each(report, "recogniser", sizes_, lambda n: recogniser(bench, n, 20), 15)

    sections: dict[str, Callable[[], Iterable[dict[str, Any]]]] = {
        "host": run_host,
        "prefill": lambda: prefill(
            bench, list(sizes.prompts), sizes.prompt_repeats, every_step=sizes.every_step
        ),
        "reprime": run_reprime,
        "ticks": run_ticks,
        "reprimed": run_reprimed,
        "recogniser": run_recogniser,
    }
    for name in wanted:
        if report.left_s < NEED_S.get(name, 15.0):
            report.leave_out(f"{name}: no time left")
            continue
        report.section(name, sections[name]())
        tidy(bench.device)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", choices=("tiny", "medium", "7b"), help="7b on a GPU, else medium")
    parser.add_argument("--device", choices=("cpu", "cuda"), help="a GPU where there is one")
    parser.add_argument(
        "--kv", choices=("whole", "by-row", "int8"), default="whole", help="how keys and values are kept"
    )
    parser.add_argument(
        "--weights", choices=("whole", "int8"), default="whole", help="of the temporal transformer"
    )
    parser.add_argument("--threads", type=int, default=1, help="of a CPU; the goals are for one")
    parser.add_argument("--sections", default="", help=f"comma-separated, of {', '.join(SECTIONS)}; else all")
    parser.add_argument("--minutes", type=float, default=0.0, help="most; 8.5 on a GPU, no limit on a CPU")
    parser.add_argument("--compile", action="store_true", help="let moshi compile its small functions (GPU)")
    parser.add_argument("--quick", action="store_true", help="fewer sizes, a minute or two")
    parser.add_argument("--json", type=Path, metavar="PATH", help="keep the figures there")
    options = parser.parse_args()
    wanted = [name for name in options.sections.split(",") if name] or list(SECTIONS)
    if unknown := set(wanted) - set(SECTIONS):
        parser.error(f"no such section: {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    if not options.compile:
        os.environ["NO_TORCH_COMPILE"] = "1"  # read when moshi is imported
    began = time.monotonic()
    import torch

    from benchmarks.engine_models import build, described
    from benchmarks.engine_verdict import verdict
    from duplex_frontend.engine.ring import Kind

    device = torch.device(options.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    torch.set_num_threads(options.threads)
    name = options.model or ("7b" if device.type == "cuda" else "medium")
    if name == "7b" and device.type == "cpu":
        parser.error("the 7B's shape takes a GPU; choose --model medium or tiny here")
    minutes = options.minutes or (8.5 if device.type == "cuda" else 24 * 60)
    report = Report(options.json, began + 60 * minutes)
    bench = build(name, device, Kind(options.kv), small_weights=options.weights == "int8")
    report.kept |= described(device) | {"model": name, "mimi": "full" if bench.mimi_full else "tiny"}
    report.kept |= {"kv": options.kv, "weights": options.weights}
    report.kept |= {"compiled": options.compile, "quick": options.quick}
    print(told(report.kept))
    if not bench.mimi_full:
        print("Mimi is the fixture's tiny one: the full one is slower than real time on a CPU")
    measure(bench, sizes_for(name, cuda=device.type == "cuda", quick=options.quick), wanted, report)
    lines, met = verdict(report.kept)
    lines += [f"WENT WRONG: {why}" for why in report.went_wrong]
    report.kept["verdict"] = lines
    report.kept["seconds"] = round(time.monotonic() - began)
    report.keep()
    print(f"\nengine: {'; '.join(lines) or 'no goal applies'}")
    return 0 if met and not report.went_wrong else 1


if __name__ == "__main__":
    sys.exit(main())
