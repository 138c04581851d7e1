"""Rates and means with how sure they are."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

_Z = 1.959964
_RESAMPLES = 400


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `of`. All of nothing counts as nothing."""

    hits: int
    of: int

    @property
    def share(self) -> float | None:
        return self.hits / self.of if self.of else None

    def __add__(self, other: Rate) -> Rate:
        return Rate(self.hits + other.hits, self.of + other.of)

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's, 95 %; doi:10.1080/01621459.1927.10502953."""
        if not self.of:
            return 0.0, 1.0
        share, z2 = self.hits / self.of, _Z**2
        middle = share + z2 / (2 * self.of)
        half = _Z * math.sqrt(share * (1 - share) / self.of + z2 / (4 * self.of**2))
        scale = 1 + z2 / self.of
        return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def mean(values: Sequence[float], seed: int = 0) -> tuple[float, float, float]:
    """The mean with a bootstrap interval of 95 %; 0, 0, 0 of nothing."""
    if not values:
        return 0.0, 0.0, 0.0
    rng = random.Random(seed)
    means = sorted(fmean(rng.choices(values, k=len(values))) for _ in range(_RESAMPLES))
    return fmean(values), means[int(0.025 * _RESAMPLES)], means[int(0.975 * _RESAMPLES) - 1]


def pass_all(good: int, of: int, k: int = 5) -> float | None:
    """pass^k: how likely k calls drawn from these all succeed (arXiv:2406.12045). None of fewer than k."""
    return math.comb(good, k) / math.comb(of, k) if of >= k else None


def f1(found: int, wrongly: int, missed: int) -> float | None:
    """From true positives, false positives and false negatives."""
    return 2 * found / (2 * found + wrongly + missed) if found + wrongly + missed else None
