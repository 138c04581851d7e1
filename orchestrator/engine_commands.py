"""`souffleur engine`: the duplex engine, and what a GPU carries."""

from __future__ import annotations

import importlib.util
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from duplex_frontend.engine.errors import EngineError
from orchestrator.command import console, plainly, settings_for

if TYPE_CHECKING:
    from rich.table import Table

    from duplex_frontend.engine.cards import Gpu
    from duplex_frontend.engine.plan import Plan

engine = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Many duplex calls on one GPU.")

_WINDOWS, _HISTORIES = (750, 1500, 3000), (375, 750, 1500)


_PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": ["-h", "--help"]}


@engine.command("serve", context_settings=_PASSED_ON)
def serve_engine(context: typer.Context) -> None:
    """Hold calls for orchestrators.

    Runs in the engine's own environment, .venv-engine.

    \b
    Options:
      --checkpoint PATH    a folder, or a hub id
      --socket PATH        listen on this unix socket, or
      --listen HOST:PORT   on TCP, which needs a token
      --token-env NAME     holds the token; ENGINE_TOKEN by default
      --rows N             calls at once; what the GPU carries, 4 on a CPU
      --window FRAMES      of attention; the model's own by default
      --history FRAMES     kept when a prompt changes; 750 by default
      --voices PATH        a folder, or NVIDIA's voices.tgz
      --stt PATH           a recogniser: a folder, or a hub id
      --kv KIND            whole, by-row or int8: how keys and values are kept
      --weights KIND       whole or int8, of the temporal transformer
      --device NAME        as torch names it; a GPU where there is one
      --grace SECONDS      that a lost client's calls stay seated; 10 by default
      --threads N          of torch on a CPU

    \b
    Examples:
      souffleur engine serve --checkpoint ./tiny --socket /tmp/engine.sock
      souffleur engine serve --checkpoint nvidia/personaplex-7b-v1 \\
        --voices voices.tgz --socket /run/engine.sock
    """
    with plainly():
        _hand_over("serve", context.args)


@engine.command("fixture", context_settings=_PASSED_ON)
def write_fixture(context: typer.Context) -> None:
    """Write a tiny checkpoint with random weights.

    With it the whole path can be tried on a laptop.

    \b
    Options:
      --family NAME   personaplex or moshi
      --seed N        the same seed writes the same files

    \b
    Examples:
      souffleur engine fixture ./tiny
    """
    with plainly():
        _hand_over("fixture", context.args)


def _hand_over(command: str, arguments: list[str]) -> NoReturn:
    """Become the engine's own program: moshi cannot live in this environment, and signals reach it directly."""
    python = engine_python(settings_for(None, {}).engine.python)
    os.execv(python, [python, "-m", "duplex_frontend.engine", command, *arguments])


def engine_python(told: str) -> str:
    """The interpreter of the engine's environment.

    Raises:
        EngineError: there is none.
    """
    if told:
        if not os.access(told, os.X_OK):
            raise EngineError(f"engine.python: there is no program '{told}'")
        return told
    beside = Path(__file__).parents[1] / ".venv-engine" / "bin" / "python"
    if beside.exists():
        return str(beside)
    if importlib.util.find_spec("moshi") is not None:
        return sys.executable
    raise EngineError(
        "the engine needs an environment of its own, and there is none; run `tools/setup.sh engine`, or install "
        "souffleur[engine] elsewhere and set engine.python to its interpreter"
    )


class Bits(StrEnum):
    """What numbers are kept in: the model's own 16 bits, or 8."""

    WHOLE = "whole"
    INT8 = "int8"


@engine.command("plan")
def plan_gpu(
    gpu: Annotated[
        str, typer.Option(metavar="SIZE|NAME", help="Its memory, as in 80GiB, or its name, as in H200.")
    ],
    window: Annotated[
        int | None, typer.Option(min=16, metavar="FRAMES", help="Of attention; else 750, 1500 and 3000.")
    ] = None,
    history: Annotated[
        int | None,
        typer.Option(min=0, metavar="FRAMES", help="Kept when a prompt changes; else 375, 750 and 1500."),
    ] = None,
    prompt: Annotated[int, typer.Option(min=0, metavar="FRAMES", help="Of voice and role.")] = 200,
    every: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="Between two prompts of a call; 0 for never.")
    ] = 8.0,
    stt: Annotated[bool, typer.Option("--stt/--no-stt", help="With the recogniser on the same GPU.")] = False,
    kv: Annotated[Bits, typer.Option(help="How keys and values are kept.")] = Bits.WHOLE,
    weights: Annotated[Bits, typer.Option(help="The temporal transformer's.")] = Bits.WHOLE,
    bandwidth: Annotated[
        float | None, typer.Option(min=0.01, metavar="TB/S", help="Of a copy in the GPU's memory.")
    ] = None,
    tflops: Annotated[
        float | None, typer.Option(min=1, metavar="TFLOP/S", help="Of a large bf16 matrix product.")
    ] = None,
) -> None:
    """How many calls of the 7B a GPU carries.

    A frame is 80 ms. Nothing is measured here: what is assumed is said. `benchmarks/engine.py` measures.

    \b
    Examples:
      souffleur engine plan --gpu 80GiB
      souffleur engine plan --gpu H200 --window 3000 --history 750 --stt
    """
    with plainly():
        from duplex_frontend.engine.cards import BadPlan, gpu_of
        from duplex_frontend.engine.plan import Load, assumptions, plans_for

        windows = _WINDOWS if window is None else (window,)
        histories = _HISTORIES if history is None else (history,)
        try:
            card = gpu_of(gpu, bandwidth=bandwidth and bandwidth * 1e12, rate=tflops and tflops * 1e12)
            load = Load(
                max(windows),
                0,
                prompt,
                every,
                stt,
                small_kv=kv is Bits.INT8,
                small_weights=weights is Bits.INT8,
            )
            plans = plans_for(card, windows, histories, load)
        except BadPlan as error:
            raise typer.BadParameter(str(error)) from None
        shown = console()
        shown.print(_heading(card), soft_wrap=True)
        shown.print(_table(plans))
        for line in (*(line for plan in plans for line in plan.lines()), assumptions()):
            shown.print(line, soft_wrap=True)


def _heading(gpu: Gpu) -> str:
    speed = "speed not known"
    if gpu.bandwidth and gpu.rate:
        speed = f"{gpu.bandwidth / 1e12:.2f} TB/s, {gpu.rate / 1e12:.0f} TFLOP/s ({gpu.source})"
    return f"{gpu.name}: {gpu.memory / 2**30:.1f} GiB, {speed}"


def _table(plans: list[Plan]) -> Table:
    from rich.table import Table

    shown = Table(title="calls at once")
    for name in ("window", "history", "GB a call", "in memory", "in time", "rows"):
        shown.add_column(name, justify="right")
    for plan in plans:
        shown.add_row(
            str(plan.load.window),
            str(plan.load.history),
            f"{sum(plan.each.values()) / 1e9:.2f}",
            str(plan.in_memory),
            "?" if plan.in_time is None else str(plan.in_time),
            str(plan.rows),
        )
    return shown
