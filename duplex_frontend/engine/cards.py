"""GPUs: how much memory they have and how fast they move it. Needs no torch and no GPU."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from duplex_frontend.engine.errors import EngineError

GIB: Final = 2**30


class BadPlan(EngineError):
    """What is asked for cannot be planned."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """A card.

    Attributes:
        memory: bytes.
        bandwidth: bytes a second that a copy within it moves, or None where nothing is known.
        rate: bf16 FLOP a second of a large matrix product, likewise.
        source: where the two are from.
    """

    name: str
    memory: int
    bandwidth: float | None = None
    rate: float | None = None
    source: str = "nothing is known of its speed"


_SHEET = "0.9 of the datasheet"
KNOWN: Final = (
    Gpu(
        "H200",
        int(140.4 * GIB),
        4.3e12,
        790e12,
        "as reported for a copy and a matrix product, not measured by us",
    ),
    Gpu(
        "H100",
        int(79.6 * GIB),
        3.0e12,
        790e12,
        "as reported for a copy and a matrix product, not measured by us",
    ),
    Gpu("A100", int(79.2 * GIB), 1.83e12, 281e12, _SHEET),
    Gpu("L40S", int(44.4 * GIB), 0.78e12, 326e12, _SHEET),
    Gpu("RTX 5090", int(31.8 * GIB), 1.61e12, 189e12, _SHEET),
    Gpu("RTX 4090", int(23.6 * GIB), 0.91e12, 149e12, _SHEET),
)
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(GiB|GB|MiB|MB)", re.IGNORECASE)
_UNITS = {"gib": GIB, "gb": 10**9, "mib": 2**20, "mb": 10**6}


def gpu_of(told: str, *, bandwidth: float | None = None, rate: float | None = None) -> Gpu:
    """A card from its name, or from its memory, such as `80GiB`; then it is taken for a known one of that size.

    Args:
        told: of a name, any text that contains it ("NVIDIA H200").
        bandwidth, rate: as in `Gpu`, where they are known better.

    Raises:
        BadPlan: neither a name that is known nor a size.
    """
    size = _SIZE.fullmatch(told.strip())
    if size:
        memory = int(float(size[1]) * _UNITS[size[2].lower()])
        like = next((gpu for gpu in KNOWN if abs(gpu.memory - memory) < 0.1 * memory), None)
        found = Gpu(told.strip(), memory)
        if like is not None:
            found = Gpu(
                f"{told.strip()}, taken for an {like.name}", memory, like.bandwidth, like.rate, like.source
            )
    else:
        named = next((gpu for gpu in KNOWN if _plain(gpu.name) in _plain(told)), None)
        if named is None:
            names = ", ".join(gpu.name for gpu in KNOWN)
            raise BadPlan(f"'{told}' is no GPU that is known; give its memory (80GiB), or one of {names}")
        found = named
    if bandwidth is None and rate is None:
        return found
    source = "as given" if bandwidth and rate else f"as given, else {found.source}"
    return Gpu(found.name, found.memory, bandwidth or found.bandwidth, rate or found.rate, source)


def card_of(name: str, memory: int) -> Gpu:
    """A card that is there: its memory as the driver says it, its speed where its name is known."""
    known = next((gpu for gpu in KNOWN if _plain(gpu.name) in _plain(name)), None)
    if known is None:
        return Gpu(name, memory)
    return Gpu(name, memory, known.bandwidth, known.rate, known.source)


def _plain(name: str) -> str:
    return name.lower().replace(" ", "").replace("-", "")
