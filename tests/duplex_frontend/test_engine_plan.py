"""What a GPU carries, by arithmetic, without torch."""

from __future__ import annotations

import subprocess
import sys

import pytest

from duplex_frontend.engine.cards import GIB, BadPlan, Gpu, gpu_of
from duplex_frontend.engine.plan import Load, Plan, assumptions, plans_for


def test_the_figures_are_those_that_are_known_of_the_7b_on_an_h200() -> None:
    h200 = gpu_of("NVIDIA H200")
    plan = Plan(h200, Load(3000, 750))
    keys = plan.each["keys and values"]
    assert keys == pytest.approx(1.57e9, rel=0.005)  # 0.524 MB a frame
    assert h200.bandwidth is not None and h200.rate is not None
    fixed, more = plan.per_tick["step and Depformer"]
    assert fixed + 64 * more == pytest.approx(1.5 * 26.8, rel=0.01)  # 26.8 ms is the floor
    assert 1e3 * plan.reprime_flop / h200.rate == pytest.approx(18, rel=0.05)
    a_second = 64 * plan.reprime_flop / 8 / h200.rate
    assert a_second == pytest.approx(0.15, rel=0.06)  # 64 calls, 950 frames, every 8 s
    whole = Plan(h200, Load(3000, 1500))
    assert whole.reprime_flop == pytest.approx(25.5e12, rel=0.02)  # 1,700 frames


def test_rows_are_what_fits_in_memory_and_in_time() -> None:
    wide = Plan(gpu_of("80GiB"), Load(3000, 750))
    assert (wide.rows, wide.in_memory) == (41, 41) and wide.in_time is not None and wide.in_time > 41
    short = Plan(gpu_of("H200"), Load(1500, 750))
    assert short.in_time is not None and short.rows == short.in_time < short.in_memory
    used = sum(wide.fixed.values()) + wide.rows * sum(wide.each.values())
    assert used <= wide.gpu.memory < used + sum(wide.each.values())
    spent = sum(fixed + short.rows * more for fixed, more in short.per_tick.values())
    assert spent <= 72 < spent + sum(more for _, more in short.per_tick.values())


def test_whatever_a_call_does_more_of_leaves_room_for_fewer() -> None:
    gpu = gpu_of("H200")
    base = Plan(gpu, Load(1500, 375))
    for more in (
        Load(3000, 375),
        Load(1500, 750),
        Load(1500, 375, prompt=400),
        Load(1500, 375, every_s=4),
        Load(1500, 375, stt=True),
    ):
        assert Plan(gpu, more).rows < base.rows, more
    with_stt = Plan(gpu, Load(1500, 375, stt=True))
    assert with_stt.in_memory < base.in_memory
    assert sum(with_stt.fixed.values()) - sum(base.fixed.values()) > 1.9e9
    assert base.budget == -(-base.rows * 575 // 100)
    small = Plan(gpu, Load(1500, 375, small_kv=True))
    assert small.in_memory > 1.8 * base.in_memory and small.rows > base.rows
    assert (
        sum(Plan(gpu, Load(small_weights=True)).fixed.values())
        < sum(Plan(gpu, Load()).fixed.values()) - 6.5e9
    )
    never = Plan(gpu, Load(1500, 375, every_s=0))
    assert never.rows > base.rows and "re-priming" not in never.per_tick
    assert Plan(Gpu("half", gpu.memory // 2, gpu.bandwidth, gpu.rate), Load(3000, 375)).rows < base.rows


def test_a_gpu_that_cannot_hold_the_model_holds_no_call() -> None:
    assert Plan(gpu_of("16GiB"), Load(750, 375)).rows == 0


def test_a_size_of_no_known_card_is_planned_in_memory_alone() -> None:
    plan = Plan(gpu_of("100GiB"), Load(1500, 750))
    assert plan.gpu.memory == 100 * GIB and plan.in_time is None and plan.rows == plan.in_memory > 90
    assert "not worked out" in "\n".join(plan.lines())
    told = Plan(gpu_of("100GiB", bandwidth=4e12, rate=800e12), Load(1500, 750))
    assert told.in_time is not None and told.gpu.source == "as given"


def test_sizes_and_names_are_read_as_people_write_them() -> None:
    assert gpu_of("80GiB").memory == gpu_of("80 gib").memory == 80 * GIB
    assert gpu_of("85.9GB").memory == 85_900_000_000
    assert gpu_of("80GiB").rate == gpu_of("NVIDIA H100 80GB HBM3").rate == gpu_of("h100").rate
    assert gpu_of("rtx-4090").name == "RTX 4090"
    assert gpu_of("H100", bandwidth=3.2e12).source.startswith("as given, else")
    for told in ("banana", "", "80", "-4GiB"):
        with pytest.raises(BadPlan, match="80GiB"):
            gpu_of(told)


def test_what_does_not_go_into_a_window_is_refused_with_the_figures() -> None:
    with pytest.raises(BadPlan, match=r"200 and a history of 1500 .* window of 750"):
        Load(750, 1500)
    with pytest.raises(BadPlan, match="16 frames or more"):
        Load(3000, -1)
    gpu = gpu_of("H100")
    plans = plans_for(gpu, (750, 3000), (375, 1500), Load())
    assert [(p.load.window, p.load.history) for p in plans] == [(750, 375), (3000, 375), (3000, 1500)]
    with pytest.raises(BadPlan, match="window of 750"):
        plans_for(gpu, (750,), (1500,), Load())


def test_the_arithmetic_is_told_and_adds_up() -> None:
    plan = Plan(gpu_of("H200"), Load(3000, 750, stt=True))
    text = "\n".join(plan.lines())
    assert f"= {plan.in_memory} calls" in text and f"{plan.in_time} calls" in text
    for part in (*plan.fixed, *plan.each, *plan.per_tick):
        assert part in text, part
    assert "1.5 times" in assumptions() and "60%" in assumptions()


def test_planning_needs_no_torch() -> None:
    code = (
        "import sys, duplex_frontend.engine.plan; sys.exit('torch' in sys.modules or 'moshi' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
