"""A shop's flow with an action that reads, one that writes, words that have to be said, and tests of its own."""

from __future__ import annotations

from pathlib import Path

from flows.loader import open_flow
from flows.schema import Flow

SHOP = """
flow: shop
version: 1
about: Ordering by phone
agent: {name: Ann, company: The Shop, business: shop}
slots:
  number: {type: digits, length: 4, label: order number, ask: What is the order number?}
  colour:
    type: choice
    label: colour
    ask: Which colour do you want?
    values: {red: [], blue: []}
  rings_from: {type: phone, source: call}
  status: {type: text, source: action}
  receipt: {type: text, source: action}
steps:
  find:
    needs: recorded
    ask: number
    do: look_up
    then: {say: "Your order is {status}.", go: choose}
  choose:
    ask: colour
  change:
    do: paint
    then: complete
disclosures:
  recorded: This call is recorded.
actions:
  look_up:
    python: look_up
    effect: read
    with: {number: number}
    gives: {status: result.status}
    timeout_s: 3
    meanwhile: One moment.
    on_timeout: {say: The warehouse does not answer., go: handed_over}
    on_refused: {say: There is no such order., go: choose}
  paint:
    python: paint
    effect: write
    with: {number: number, colour: colour}
    gives: {receipt: result.id}
    on_error: {say: It could not be painted., go: handed_over}
lines:
  goodbye: Done. Goodbye.
"""


def shop(folder: Path, *changes: tuple[str, str], tests: str = "", name: str = "shop.yaml") -> Path:
    """The flow's file after changes to its text. `tests`: what comes under `tests:`, as YAML."""
    text = SHOP
    for old, new in changes:
        assert old in text, f"{old!r} is not in the flow"
        text = text.replace(old, new, 1)
    path = folder / name
    path.write_text(text + (f"tests:\n{tests}" if tests else ""))
    return path


def shop_flow(folder: Path, *changes: tuple[str, str]) -> Flow:
    return open_flow(str(shop(folder, *changes))).flow
