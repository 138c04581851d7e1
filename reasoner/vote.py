"""What was most likely said, of several hearings of the same thing. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

FEWEST = 3
"""Of two hearings that differ, nobody can say which is right."""


def vote(hearings: Sequence[str]) -> str | None:
    """Character by character what most hearings have, as in ROVER (Fiscus 1997) for words of one length.

    Args:
        hearings: in the order in which they were heard, the last one decides ties. Those of another length than the
            last one are left out.

    Returns:
        None where fewer than FEWEST are left.
    """
    if not hearings:
        return None
    alike = [one for one in hearings if len(one) == len(hearings[-1])]
    if len(alike) < FEWEST:
        return None
    voted = []
    for place, last in enumerate(alike[-1]):
        counts = Counter(one[place] for one in alike)
        most = max(counts.values())
        voted.append(last if counts[last] == most else counts.most_common(1)[0][0])
    return "".join(voted)
