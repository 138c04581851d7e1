"""Ticks of full batches, quiet and with every seat re-primed; and what a re-prime does to the seats beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.engine_models import Bench, memory_gb, settle, spread, tidy, took_ms
from duplex_frontend.engine import batch as batches
from duplex_frontend.engine.batch import Batch
from duplex_frontend.engine.graphs import Graphs
from duplex_frontend.engine.prompter import Change, Outcome, Prompter, Receipt, open_stage
from duplex_frontend.engine.rows import Seat
from duplex_frontend.engine.sampling import Sampling
from duplex_frontend.engine.tokens import FRAME_SAMPLES, FRAMES_PER_S, K

TICK_S = 1 / FRAMES_PER_S
EVERY = 100  # ticks between two prompts of a seat: 8 s
PROMPT = 200
ROOM = 100


@dataclass(slots=True)
class Seats:
    """A batch with all rows taken, as if the calls had talked for a while."""

    bench: Bench
    batch: Batch
    prompter: Prompter
    seats: list[Seat]
    sound: NDArray[np.float32]
    graphs: Graphs

    def tick(self) -> int:
        """All seats by a frame. Returns how many moved."""
        return len(self.batch.tick(dict(zip(self.seats, self.sound, strict=True))))

    def age(self, frames: int, position: int) -> None:
        """Logs of `frames`, and windows filled up to `position`, with noise."""
        rng = np.random.default_rng(frames)
        self.batch.temporal.buffers[0].normal_(std=0.5)  # zeros are quicker to work on than what calls leave
        self.batch._column.random_(4, 60)
        for seat in self.seats:
            row = self.batch.rows.at(seat)
            for frame in rng.integers(4, 60, (frames, K)).astype(np.int32):
                row.log.add(frame)
            self.batch.temporal.place(seat.row, position)
            self.batch._position[seat.row] = row.position = position


def sit(
    bench: Bench,
    rows: int,
    window: int,
    *,
    history: int,
    reach: int | None,
    chunks: tuple[int, ...],
    budget: int,
) -> Seats:
    """Take all rows. reach: of attention's steps, None for the whole window at once (one graph instead of many)."""
    graphs = Graphs.on(bench.device)
    kept, batches.REACH = batches.REACH, reach or window
    try:
        batch, prompter = open_stage(
            bench.fresh(),
            rows,
            window=window,
            history=history,
            room=ROOM,
            chunks=chunks,
            budget=budget,
            kind=bench.kind,
            graphs=graphs,
        )
        # A tick looks up its reach by the same number.
        batch._reach_of = _reach_by(batches.REACH, len(batch._reaches))  # type: ignore[method-assign, assignment]
    finally:
        batches.REACH = kept
    seats = [prompter.seat(Sampling(seed=i), bench.role(16)) for i in range(rows)]
    prompt = bench.role(PROMPT)
    for seat in seats:  # they are seated without reading: `age` says what they have read
        row = batch.rows.at(seat)
        row.joined, row.prompt = True, prompt
    prompter._waiting.clear()
    sound = np.random.default_rng(1).normal(0, 0.1, (rows, FRAME_SAMPLES)).astype(np.float32)
    return Seats(bench, batch, prompter, seats, sound, graphs)


def _reach_by(step: int, count: int) -> Callable[[list[Any]], int]:
    return lambda moving: min(max(row.position for row in moving) // step, count - 1)


# --- quiet ticks -------------------------------------------------------------------------------------------


def quiet(bench: Bench, rows: int, window: int, ticks: int, bytes_a_s: float) -> dict[str, Any]:
    """Ticks with every window full, one straight after the other; and its parts by themselves."""
    tidy(bench.device)
    seats = sit(bench, rows, window, history=0, reach=None, chunks=(16,), budget=16)
    seats.age(0, window + 16)
    for _ in range(3):
        seats.tick()
    ms = [took_ms(bench.device, seats.tick) for _ in range(ticks)]
    memory = memory_gb(bench.device)
    pieces = parts(seats, max(5, ticks // 4))
    read = bench.step_bytes + rows * window * bench.kv_frame
    floor = read / bytes_a_s * 1e3
    whole = floor + bench.depth_bytes / bytes_a_s * 1e3
    return {
        "seats": rows,
        "window": window,
        "tick_ms": spread(ms),
        "parts_ms": pieces,
        "step_read_gb": round(read / 1e9, 3),
        "step_floor_ms": round(floor, 3),
        "step_over_floor": round(pieces["step"] / floor, 2),
        "step_and_depformer_floor_ms": round(whole, 3),
        "memory_gb": memory,
        "graphs": not seats.graphs.plain,
    }


def parts(seats: Seats, repeats: int) -> dict[str, float]:
    """Medians of the pieces of a tick, each captured by itself where ticks are. Spoils the seats' state."""
    batch, device, rows = seats.batch, seats.bench.device, len(seats.seats)
    column = batch._initial.repeat(rows, 1)
    moving = torch.ones(rows, dtype=torch.bool, device=device)
    hidden = torch.zeros(rows, 1, batch.model.dim, device=device, dtype=batch.model.lm.dtype)
    logits = torch.zeros(rows, 1, 1, batch.model.text_card, device=device, dtype=hidden.dtype)
    codes = batch.codes[:, :8].clone()
    batch.temporal.take(moving)
    pieces: dict[str, Callable[[], Any]] = {
        "step": lambda: batch.temporal.step(column),
        "depformer": lambda: batch._depth.draw(batch.dice, hidden, logits, batch._allowed),
        "mimi encode": lambda: batch._codec.encode(batch._pcm, moving),
        "mimi decode": lambda: batch._codec.decode(codes, moving),
    }
    made = {}
    for name, piece in pieces.items():

        def work(piece: Callable[[], Any] = piece) -> None:
            piece()

        with torch.no_grad():
            run = seats.graphs.of(name, work)
            run()
            made[name] = spread([took_ms(device, run) for _ in range(repeats)])["median"]
    return made


# --- with re-priming ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class Paced:
    """What a stretch of the 80 ms clock gave. ms: from when a frame was due to its answer."""

    ms: list[float]
    lost: int
    skipped: int
    receipts: list[Receipt]


def paced(seats: Seats, ticks: int, before: Callable[[int], None], *, until_idle: bool = False) -> Paced:
    """The engine's clock by hand: a tick when it is due, then a pump; a late tick skips.

    Args:
        before: called with each tick's number, before it is due.
        until_idle: go on until all prompts have landed.
    """
    done = Paced([], 0, 0, [])
    logs = [seats.batch.rows.at(seat).log for seat in seats.seats]
    counts = [log.count for log in logs]
    due, t, spent = time.perf_counter() + TICK_S, 0, 0
    while t < ticks or (until_idle and not seats.prompter.idle and t < 40 * EVERY):
        before(t)
        time.sleep(max(0.0, due - time.perf_counter()))
        spent += 1
        seats.tick()
        done.ms.append((time.perf_counter() - due) * 1e3)
        done.receipts += seats.prompter.pump(float(t))
        due += TICK_S
        missed = max(0, int((time.perf_counter() - due) // TICK_S))
        done.skipped += missed
        due += missed * TICK_S
        t += 1
    settle(seats.bench.device)
    done.lost = sum(abs(log.count - count - spent) for log, count in zip(logs, counts, strict=True))
    return done


def reprimed(bench: Bench, rows: int, window: int, history: int, ticks: int) -> dict[str, Any]:
    """The clock with every seat re-primed once in 8 s, the shadow's memory counted."""
    tidy(bench.device)
    frames = PROMPT + history
    budget = max(256, -(-rows * frames // EVERY))
    seats = sit(bench, rows, window, history=history, reach=512, chunks=(64, 256), budget=budget)
    seats.age(history, frames)
    prompts = [bench.role(PROMPT), bench.role(PROMPT - 1)]

    def before(t: int) -> None:
        for i, seat in enumerate(seats.seats):
            if i * EVERY // rows == t % EVERY:
                seats.prompter.change(Change(seat, prompts[t // EVERY % 2], t + 1))

    paced(seats, 5, lambda t: None)
    found = paced(seats, ticks, before)
    landed = [receipt for receipt in found.receipts if receipt.outcome is Outcome.LANDED]
    expected = sum(1 for t in range(ticks) for i in range(rows) if i * EVERY // rows == t % EVERY)
    return {
        "model": bench.name,
        "seats": rows,
        "window": window,
        "history": history,
        "tick_ms": spread(found.ms),
        "skipped": found.skipped,
        "asked": expected,
        "landed": len(landed),
        "frames_lost": found.lost,
        "positions_a_tick": budget,
        "memory_gb": memory_gb(bench.device),
        "graphs": not seats.graphs.plain,
    }


def bystanders(
    bench: Bench, rows: int, histories: list[int], ticks: int, chunks: tuple[int, ...]
) -> Iterator[dict[str, Any]]:
    """A re-prime of one seat: its time alone and under the clock, frames lost, and how long others' ticks become.

    Args:
        ticks: under the clock; 0 for the time alone, on a machine whose ticks of this model are too slow for it.
    """
    for history in histories:
        tidy(bench.device)
        seats = sit(bench, rows, 3000, history=history, reach=512, chunks=chunks, budget=chunks[-1])
        seats.age(history, PROMPT + history)
        prompts = [bench.role(PROMPT), bench.role(PROMPT - 1)]
        batch, prompter = seats.batch, seats.prompter

        def whole(revision: int, seats: Seats = seats, prompts: Any = prompts) -> None:
            seats.prompter.change(Change(seats.seats[0], prompts[0], revision))
            while not seats.prompter.idle:
                seats.prompter.pump(0.0)

        whole(1)
        alone = [took_ms(bench.device, lambda r=r: whole(r)) for r in range(2, 5)]  # type: ignore[misc]
        found = {
            "model": bench.name,
            "history": history,
            "prompt": PROMPT,
            "seats": rows,
            "alone_ms": round(float(np.median(alone)), 1),
            "chunks": list(chunks),
        }
        if not ticks:
            yield found
            continue
        without = paced(seats, ticks, lambda t: None)
        first = batch.rows.at(seats.seats[0]).log.count
        revision = 10

        def before(
            t: int, prompter: Prompter = prompter, seats: Seats = seats, prompts: Any = prompts
        ) -> None:
            nonlocal revision
            if prompter.idle:
                revision += 1
                prompter.change(Change(seats.seats[0], prompts[revision % 2], revision))

        during = paced(seats, ticks, before)
        paced(seats, 0, lambda t: None, until_idle=True)
        landed = [receipt.frame - first for receipt in during.receipts if receipt.frame is not None]
        quiet_ms, busy_ms = spread(without.ms), spread(during.ms)
        yield found | {
            "under_the_clock_ms": round(1e3 * TICK_S * landed[0]) if landed else None,
            "landed": len(landed),
            "frames_lost": without.lost + during.lost,
            "skipped": without.skipped + during.skipped,
            "ticks_without_ms": quiet_ms,
            "ticks_during_ms": busy_ms,
            "stretch_p99": round(busy_ms["p99"] / quiet_ms["p99"], 2),
        }
