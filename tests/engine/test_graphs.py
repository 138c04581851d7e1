"""A tick reads and writes buffers alone, so that a CUDA graph can stand for it (no GPU here: see the double)."""

from __future__ import annotations

import random

import numpy as np
import pytest

pytest.importorskip("moshi", reason="the engine's tests run in .venv-engine (tools/setup.sh engine)")

import torch
from structlog.testing import capture_logs

from duplex_frontend.engine.batch import Batch, Said
from duplex_frontend.engine.graphs import Graphs, Work
from duplex_frontend.engine.prompt import Prompt
from duplex_frontend.engine.prompter import Change, Prompter, open_stage
from duplex_frontend.engine.sampling import Sampling
from duplex_frontend.engine.script import Hold, Script
from tests.engine.alone import model, noise
from tests.engine.double_of_cuda_graph import HostWaited, NoWaiting, RecordedGraphs
from tests.engine.test_reprime import role, spoken, stored

WINDOW, ROWS, TICKS = 96, 3, 120


def stage(graphs: Graphs) -> tuple[Batch, Prompter]:
    return open_stage(model(), ROWS, window=WINDOW, chunks=(4, 16), history=20, room=20, graphs=graphs)


def play(graphs: Graphs) -> tuple[list[tuple[int, Said]], list[list[int]]]:
    """Calls come and go, fall silent, are guided, held and re-primed. Returns what was said, and all addresses
    before and after."""
    batch, prompter = stage(graphs)
    shadow = prompter._shadow

    def addresses() -> list[int]:
        return [buffer.data_ptr() for buffer in (*batch.buffers, *shadow.buffers)]

    before, dice = [addresses()], random.Random(5)
    sound = noise(3, TICKS)
    seats: dict[int, object] = {}
    said: list[tuple[int, Said]] = []
    for t in range(TICKS):
        if len(seats) < ROWS and dice.random() < 0.3:
            prompt = dice.choice([Prompt(), Prompt(spoken(), role(9)), Prompt(stored(), role(3))])
            seats[t] = prompter.seat(Sampling(seed=t), prompt)
        elif seats and dice.random() < 0.06:
            batch.leave(seats.pop(dice.choice(list(seats))))
        for seat in seats.values():
            if dice.random() < 0.05:
                prompter.change(Change(seat, Prompt(spoken(), role(5 + t % 7)), 1 + t))
            if dice.random() < 0.05:
                batch.guide(seat, dice.choice([Script([[7, 8], [9]]), Hold(3)]))
        prompter.pump(float(t))
        out = batch.tick({seat: sound[t] for seat in seats.values() if dice.random() < 0.9})
        said += [(number, out[seat]) for number, seat in seats.items() if seat in out]
        before.append(addresses())
    return said, before


def test_a_replayed_tick_says_the_same_to_the_bit_as_one_that_runs_its_python() -> None:
    double = RecordedGraphs()
    graphs = Graphs(double)
    replayed, _ = play(graphs)
    plain, _ = play(Graphs())
    assert not graphs.plain and len(graphs.captured) == 3  # one reach, two sizes of a chunk
    assert double.replays > TICKS and len(plain) > TICKS
    assert len({number for number, _ in plain}) > 6
    for (a, x), (b, y) in zip(replayed, plain, strict=True):
        assert a == b
        np.testing.assert_array_equal(x.frame, y.frame)
        np.testing.assert_array_equal(x.sound, y.sound)
        assert (x.next_text, x.confirmed) == (y.next_text, y.confirmed)


def test_no_buffer_moves_in_a_hundred_ticks_with_calls_coming_and_going() -> None:
    _, seen = play(Graphs())
    assert len(seen[0]) > 60
    assert all(addresses == seen[0] for addresses in seen)


def test_the_host_waits_for_nothing_within_a_tick() -> None:
    batch, prompter = stage(Graphs())
    seat = prompter.seat(Sampling(seed=1), Prompt(spoken(), role(4)))
    prompter.pump(0.0)
    batch.guide(seat, Hold(5))
    batch.tick({seat: noise(1, 1)[0]})
    with torch.no_grad(), NoWaiting():
        batch._forward(batch.temporal.capacity)
        prompter._shadow._forward(16, prompter._shadow.temporal.capacity)
    mask = torch.tensor([True, False])
    for waits in (lambda: mask.any().item(), lambda: torch.ones(2)[mask], lambda: bool(mask.all())):
        with pytest.raises(HostWaited), NoWaiting():
            waits()


def test_a_tick_asks_for_what_it_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = Batch(model(), 2, window=WINDOW)
    seats = [batch.seat(Sampling(seed=i)) for i in range(2)]
    asked = []

    def counted(name: str) -> None:
        real = getattr(torch.Tensor, name)
        monkeypatch.setattr(
            torch.Tensor, name, lambda self, *a, **k: (asked.append(name), real(self, *a, **k))[1]
        )

    for name in ("cpu", "item", "tolist", "__bool__", "__int__", "__float__", "nonzero"):
        counted(name)
    brought = batch._brought
    monkeypatch.setattr(batch, "_brought", lambda: (asked.append("brought"), brought())[1])
    batch.tick(dict.fromkeys(seats, noise(1, 1)[0]))
    assert asked == ["brought"]


def test_what_cannot_be_captured_runs_as_it_is_and_is_told() -> None:
    def refuse(work: Work) -> Work:
        raise RuntimeError("operation not permitted when stream is capturing\nand more")

    graphs = Graphs(refuse)
    with capture_logs() as told:
        batch = Batch(model(), 1, window=WINDOW, graphs=graphs)
    assert [line["event"] for line in told] == ["engine.not_captured"]
    assert told[0]["error"] == "operation not permitted when stream is capturing"
    assert graphs.plain == ["tick 96"] and not graphs.captured
    seat = batch.seat(Sampling())
    assert len(batch.tick({seat: noise(1, 1)[0]})) == 1
