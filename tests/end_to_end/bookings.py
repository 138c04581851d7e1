"""A system that an agent writes to: every booking that is asked for is noted in a file, with who asked and its key.

$BOOKINGS: the file. $BOOKING_S: how long a booking takes.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Booking:
    key: str
    colour: str
    size: str
    process: int


def book(colour: str, size: str, idempotency_key: str) -> dict[str, str]:
    line = json.dumps({"key": idempotency_key, "colour": colour, "size": size, "process": os.getpid()})
    with Path(os.environ["BOOKINGS"]).open("a") as file:
        file.write(line + "\n")
    time.sleep(float(os.environ.get("BOOKING_S", "0")))
    return {"id": idempotency_key[:6]}


def bookings_in(path: Path) -> list[Booking]:
    lines = path.read_text().splitlines() if path.exists() else []
    return [Booking(**json.loads(line)) for line in lines]
