"""How much one client may ask: token buckets, and a bound on how many are remembered. Time is passed in."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at_s: float


class Rates:
    """Args:
    per_s: requests that come back each second.
    burst: requests at once.
    most: clients remembered; the one that asked longest ago is forgotten first.
    """

    def __init__(self, per_s: float, burst: int, most: int = 10_000) -> None:
        self._per_s = per_s
        self._burst = burst
        self._most = most
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, client: str, now_s: float) -> float:
        """Take one request out. 0.0, or for how many seconds there is none: then nothing is taken."""
        bucket = self._filled(client, now_s)
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return 0.0
        return (1 - bucket.tokens) / self._per_s

    def _filled(self, client: str, now_s: float) -> _Bucket:
        bucket = self._buckets.get(client)
        if bucket is None:
            bucket = self._buckets[client] = _Bucket(float(self._burst), now_s)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(client)
        bucket.tokens = min(self._burst, bucket.tokens + max(0.0, now_s - bucket.at_s) * self._per_s)
        bucket.at_s = max(now_s, bucket.at_s)
        return bucket
