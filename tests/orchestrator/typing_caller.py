"""Stands in for the simulated caller where sound is not the point: rings, and types instead of speaking.

    python -m tests.orchestrator.typing_caller --url URL --seed N --voice V --report FILE [--unknown-surname] [--again]

Seed 1 gives a phone number that is not the one in its report; seed 2 never rings; seed 3 stays silent.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

FACTS = {
    "first_name": "robert",
    "last_name": "miller",
    "born": "1980-03-13",
    "phone": "5552138841",
    "reason": "back pain",
    "allergies": ["penicillin"],
    "medicines": [],
    "insurance": "Aetna",
    "consent": True,
}
ANSWERS = (
    ("right?", "yes"),
    ("first and last name", "my name is robert miller"),
    ("date of birth", "march thirteenth nineteen eighty"),
    ("phone number", "five five five two one three eight eight four one"),
    ("reason", "back pain"),
    ("allergies", "penicillin"),
    ("medicines", "none"),
    ("insurance", "aetna"),
    ("keep these details", "yes"),
)


def answer(question: str, seed: int) -> str | None:
    for about, words in ANSWERS:
        if about in question.lower():
            return words.replace("four one", "four two") if seed == 1 else words
    return None


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--voice", required=True)
    parser.add_argument("--report", type=Path, required=True)
    parser.add_argument("--unknown-surname", action="store_true")
    parser.add_argument("--again", action="store_true")
    wanted = parser.parse_args()
    if wanted.seed == 2:
        print("I have no coin for the telephone")
        return 1
    with connect(wanted.url) as line:
        try:
            for message in line:
                told = json.loads(message) if isinstance(message, str) else {}
                words = answer(told["reply"], wanted.seed) if told.get("type") == "whisper" else None
                if words is not None and wanted.seed != 3:
                    line.send(json.dumps({"type": "text", "text": words}))
        except ConnectionClosed:
            pass
    report = {"seed": wanted.seed, "voice": "none: it types", "facts": FACTS}
    wanted.report.write_text(json.dumps(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())
