"""What has to hold between the parts of a flow, beyond what the schema says of each part.

`check_written` looks at a file part by part, and tolerates parts that the schema refuses. `check_paths` follows the
ways of a flow that is otherwise in order.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from flows.checks import actions, asking, expressions, files, gates, journeys, names, slots, talks, texts
from flows.checks.paths import Paths
from flows.checks.written import Written
from flows.errors import Mistake
from flows.schema import Flow


def check_written(written: Written) -> Iterator[Mistake]:
    """Every mistake that shows in a part, or between two."""
    subjects = (names, asking, slots, expressions, texts, actions, talks, files)
    return chain.from_iterable(subject.check(written) for subject in subjects)


def check_paths(written: Written, whole: Flow) -> Iterator[Mistake]:
    """Every mistake that shows along the ways. `whole`: the flow, written out."""
    paths = Paths(whole)
    return chain(journeys.check(written, paths), gates.check(written, paths))
