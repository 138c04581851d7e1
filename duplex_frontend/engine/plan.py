"""How many calls a GPU carries, in memory and in time, by arithmetic. Needs no torch and no GPU.

Sizes are those of Moshi's 7B in bf16 with the Depformer for 8 codebooks, of Mimi in float32 and of Kyutai's
recogniser `stt-1b-en_fr` in bf16; tests count them off moshi's own modules. What is assumed, and was not
measured, is named in `ASSUMED`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from duplex_frontend.engine.cards import GIB, BadPlan, Gpu
from duplex_frontend.engine.tokens import FRAMES_PER_S

_GB: Final = 1e9

# --- sizes of the 7B; parameters in bf16 are two bytes each --------------------------------------------------
LAYERS: Final = 32
DIM: Final = 4096
TEMPORAL: Final = 6_576_930_816  # parameters of the temporal transformer
HEAD: Final = 131_072_000  # text head
DEPTH: Final = 666_906_624  # the Depformer, its inputs and heads, as a tick reads them
LM: Final = 7_687_729_152  # all of the language model; embeddings are looked up, not read
HEADS: Final = 32
KV_FRAME: Final = 2 * LAYERS * DIM * 2  # bytes, 0.524 MB
SMALL_KV_FRAME: Final = 2 * LAYERS * (DIM + 4 * HEADS)  # bytes in 8 bits, with a scale for each head
SMALL: Final = 6_576_668_672  # those of the temporal transformer's parameters that go into 8 bits
SMALL_SCALES: Final = 1_376_256  # outputs among them, a scale for each
ALIGNED: Final = 16  # slots of a ring, see temporal.ALIGNED

MIMI: Final = 451_714_436  # bytes: parameters, codebooks and their normalised copy
MIMI_ROW: Final = 16_481_038  # bytes of streaming state
MIMI_FLOP: Final = 857_051_136  # a frame of a call, there and back

STT: Final = 989_253_632  # parameters
STT_READ: Final = 838_533_120  # of them read in a tick
STT_KV_FRAME: Final = 2 * 16 * 2048 * 2  # bytes
STT_WINDOW: Final = 750

CHUNK: Final = 256  # positions of a shadow's largest forward, see shadow.CHUNKS
VOICES: Final = 8  # prefixes that it keeps, see shadow.VOICES_KEPT
VOICE_FRAMES: Final = 131  # of such a prefix: a voice of 10 s and the silence behind it
ROOM: Final = 100  # positions kept free behind prompt and history, see Prompter

TICK_MS: Final = 1000 / FRAMES_PER_S
ASSUMED: Final = {
    "kept for CUDA, libraries and graphs": 2 * GIB,  # bytes
    "work space of a call": 8_000_000,  # bytes: logits, Mimi's activations
    "a step over its bandwidth floor": 1.5,  # the goal, for want of a measurement
    "share of the matrix rate in a re-prime": 0.6,
    "rate of Mimi": 10e12,  # FLOP a second
    "launches and what does not grow with calls": 4.0,  # ms a tick
    "share of a tick that may be planned": 0.9,
}


@dataclass(frozen=True, slots=True)
class Load:
    """What the calls do.

    Attributes:
        window: positions that attention reaches back.
        history: frames of a call that follow a new prompt.
        prompt: frames of a prompt.
        every_s: a call's prompt changes once in this time; 0 for never.
        stt: whether the recogniser runs as well.
        small_kv, small_weights: keys and values, and the temporal transformer's weights, in 8 bits.

    Raises:
        BadPlan: prompt and history leave no room in the window.
    """

    window: int = 3000
    history: int = 750
    prompt: int = 200
    every_s: float = 8.0
    stt: bool = False
    small_kv: bool = False
    small_weights: bool = False

    @property
    def kv_frame(self) -> int:
        """Bytes that a position takes."""
        return SMALL_KV_FRAME if self.small_kv else KV_FRAME

    @property
    def saved(self) -> int:
        """Bytes that the weights are smaller."""
        return SMALL - 4 * SMALL_SCALES if self.small_weights else 0

    def __post_init__(self) -> None:
        if self.window < 16 or min(self.history, self.prompt, self.every_s) < 0:
            raise BadPlan("the window is 16 frames or more; history, prompt and interval are 0 or more")
        if self.prompt + self.history + ROOM > self.window:
            raise BadPlan(
                f"a prompt of {self.prompt} and a history of {self.history} frames, with {ROOM} kept free behind them, "
                f"do not go into a window of {self.window}; shorten them or raise the window"
            )


def _ring(frames: int) -> int:
    return math.ceil(frames / ALIGNED) * ALIGNED


@dataclass(frozen=True, slots=True)
class Plan:
    """What fits."""

    gpu: Gpu
    load: Load

    # --- memory, bytes ---------------------------------------------------------------------------------------

    @property
    def fixed(self) -> dict[str, int]:
        """What is there before the first call."""
        parts = {
            "language model": 2 * LM - self.load.saved,
            "Mimi": MIMI,
            "shadow's window": _ring(self.load.window + CHUNK) * self.load.kv_frame,
            "shadow's voices": VOICES * VOICE_FRAMES * self.load.kv_frame,
            "kept free": int(ASSUMED["kept for CUDA, libraries and graphs"]),
        }
        return parts | ({"recogniser": 2 * STT} if self.load.stt else {})

    @property
    def each(self) -> dict[str, int]:
        """What every call takes."""
        parts = {
            "keys and values": _ring(self.load.window) * self.load.kv_frame,
            "Mimi's state": MIMI_ROW,
            "work space": int(ASSUMED["work space of a call"]),
        }
        return parts | ({"recogniser's window": _ring(STT_WINDOW) * STT_KV_FRAME} if self.load.stt else {})

    @property
    def in_memory(self) -> int:
        """Calls that fit in memory."""
        return max(0, (self.gpu.memory - sum(self.fixed.values())) // sum(self.each.values()))

    # --- time, ms of a tick ----------------------------------------------------------------------------------

    @property
    def per_tick(self) -> dict[str, tuple[float, float]]:
        """ms a tick, and ms a tick for every call, with all windows full. Empty where the speed is not known."""
        if self.gpu.bandwidth is None or self.gpu.rate is None:
            return {}
        over, byte_ms = ASSUMED["a step over its bandwidth floor"], 1e3 / self.gpu.bandwidth
        parts = {
            "step and Depformer": (
                over * self.read * byte_ms,
                over * self.load.window * self.load.kv_frame * byte_ms,
            ),
            "Mimi": (0.0, 1e3 * MIMI_FLOP / ASSUMED["rate of Mimi"]),
            "launches": (ASSUMED["launches and what does not grow with calls"], 0.0),
        }
        if self.load.stt:
            parts["recogniser"] = (
                over * 2 * STT_READ * byte_ms,
                over * STT_WINDOW * STT_KV_FRAME * byte_ms,
            )
        if self.load.every_s:
            parts["re-priming"] = (0.0, self.reprime_ms * TICK_MS / 1e3 / self.load.every_s)
        return parts

    @property
    def read(self) -> int:
        """Bytes of weights that a tick reads, but for Mimi's and the recogniser's."""
        return 2 * (TEMPORAL + HEAD + DEPTH) - self.load.saved

    @property
    def reprime_flop(self) -> float:
        """FLOP of one re-prime: every weight once a frame, and attention over the shadow's ring."""
        attention = 4 * LAYERS * DIM * _ring(self.load.window + CHUNK)
        return (self.load.prompt + self.load.history) * (2.0 * TEMPORAL + attention)

    @property
    def reprime_ms(self) -> float:
        assert self.gpu.rate is not None
        return 1e3 * self.reprime_flop / (self.gpu.rate * ASSUMED["share of the matrix rate in a re-prime"])

    @property
    def budget_ms(self) -> float:
        return TICK_MS * ASSUMED["share of a tick that may be planned"]

    @property
    def in_time(self) -> int | None:
        """Calls whose ticks end in time; None where the speed is not known."""
        parts = self.per_tick
        if not parts:
            return None
        left = self.budget_ms - sum(fixed for fixed, _ in parts.values())
        return max(0, int(left / sum(each for _, each in parts.values())))

    @property
    def rows(self) -> int:
        """Calls that fit in both: the rows that an engine opens."""
        return self.in_memory if self.in_time is None else min(self.in_memory, self.in_time)

    @property
    def budget(self) -> int:
        """Positions that have to be read between two ticks for all calls to be re-primed in time; at least a chunk."""
        if not self.load.every_s:
            return CHUNK
        frames = self.rows * (self.load.prompt + self.load.history) / (self.load.every_s * FRAMES_PER_S)
        return max(CHUNK, math.ceil(frames))

    # --- in words --------------------------------------------------------------------------------------------

    def lines(self) -> Iterator[str]:
        """The arithmetic."""
        load, total, each = self.load, sum(self.fixed.values()), sum(self.each.values())
        yield f"Window {load.window}, history {load.history}, prompt {load.prompt} frames"
        yield f"  memory  {_sizes(self.fixed)} = {total / _GB:.2f} GB"
        yield f"          a call: {_sizes(self.each)} = {each / _GB:.3f} GB"
        yield f"          ({self.gpu.memory / _GB:.2f} - {total / _GB:.2f}) / {each / _GB:.3f} = {self.in_memory} calls"
        if not self.per_tick:
            yield "  time    not worked out: nothing is known of this GPU's speed; give its bandwidth and its matrix rate"
            return
        assert self.gpu.bandwidth is not None and self.gpu.rate is not None
        floor = 1e3 * (self.read + self.rows * load.window * load.kv_frame) / self.gpu.bandwidth
        yield (
            f"  time    floor of the step with {self.rows} calls: ({self.read / _GB:.2f} + {self.rows} x "
            f"{load.window * load.kv_frame / _GB:.3f}) GB / {self.gpu.bandwidth / 1e12:.2f} TB/s = {floor:.1f} ms"
        )
        if load.every_s:
            yield from self._reprimes()
        for name, (fixed, more) in self.per_tick.items():
            yield f"          {name}: {fixed:.2f} ms a tick + {more:.3f} ms a call"
        yield f"          all of it within {self.budget_ms:.0f} ms of the tick's {TICK_MS:.0f}: {self.in_time} calls"

    def _reprimes(self) -> Iterator[str]:
        load, rate = self.load, self.gpu.rate
        assert rate is not None
        share = ASSUMED["share of the matrix rate in a re-prime"]
        second = self.rows * self.reprime_flop / load.every_s
        yield (
            f"          a re-prime: {load.prompt + load.history} frames x "
            f"{self.reprime_flop / (load.prompt + load.history) / _GB:.1f} GFLOP = {self.reprime_flop / 1e12:.1f} TFLOP, "
            f"{1e3 * self.reprime_flop / rate:.0f} ms at {rate / 1e12:.0f} TFLOP/s, {self.reprime_ms:.0f} ms at {share:.0%} of that"
        )
        yield (
            f"          {self.rows} calls, each every {load.every_s:g} s: {1e3 * second / rate:.0f} ms of every second at the full "
            f"rate, {1e3 * second / rate / share:.0f} ms at {share:.0%}; planned with the latter"
        )


def plans_for(gpu: Gpu, windows: Sequence[int], histories: Sequence[int], load: Load) -> list[Plan]:
    """A plan for every pair that goes together, the rest as in `load`.

    Raises:
        BadPlan: none does.
    """
    plans, refused = [], BadPlan("give a window and a history")
    for window in windows:
        for history in histories:
            try:
                plans.append(Plan(gpu, replace(load, window=window, history=history)))
            except BadPlan as error:
                refused = error
    if not plans:
        raise refused
    return plans


def assumptions() -> str:
    """What the arithmetic takes for granted, in a sentence."""
    a = ASSUMED
    return (
        f"Assumed, not measured: {a['kept for CUDA, libraries and graphs'] / GIB:g} GiB kept for CUDA, libraries and graphs; "
        f"{a['work space of a call'] / 1e6:g} MB of work space a call; a step at {a['a step over its bandwidth floor']:g} times "
        f"its bandwidth floor; a re-prime at {a['share of the matrix rate in a re-prime']:.0%} of the matrix rate; Mimi at "
        f"{a['rate of Mimi'] / 1e12:g} TFLOP/s; {a['launches and what does not grow with calls']:g} ms a tick for launches; "
        f"{a['share of a tick that may be planned']:.0%} of a tick planned."
    )


def _sizes(parts: dict[str, int]) -> str:
    return " + ".join(f"{name} {size / _GB:.3f}" for name, size in parts.items())
