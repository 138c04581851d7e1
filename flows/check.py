"""What has to hold between the parts of a flow, beyond what the schema says of each part."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from difflib import get_close_matches
from pathlib import Path

from flows.errors import Mistake
from flows.schema import SlotType
from flows.source import Node, Step, scalars

# Keys of a slot that mean something for some types only.
_ONLY_FOR: dict[str, tuple[SlotType, ...]] = {
    "values": (SlotType.CHOICE, SlotType.LIST),
    "none": (SlotType.LIST,),
    "yes": (SlotType.YES_NO,),
    "no": (SlotType.YES_NO,),
    "must_be_yes": (SlotType.YES_NO,),
    "past": (SlotType.DATE,),
    "known": (SlotType.PERSON_NAME,),
    "full": (SlotType.PERSON_NAME,),
    "digits": (SlotType.PHONE,),
}
_NO = ("false", "no", "off", "n", "f", "0")


def did_you_mean(word: str, known: Collection[str], otherwise: str = "") -> str:
    """A cure for a name that does not exist."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"Did you mean `{close[0]}`?" if close else otherwise


def check(root: Node, file: Path) -> Iterator[Mistake]:
    """Every mistake between the parts. Tolerates parts that the schema refuses, so that all are told at once."""
    yield from _check_ask(root, file)
    slots = root.child("slots")
    if slots is not None and isinstance(slots.value, dict):
        for name, slot in slots.value.items():
            if isinstance(slot.value, dict):
                yield from _check_slot(root, name, slot, file)
    yield from _check_knowledge(root, file)


def _mistake(
    root: Node, file: Path, path: tuple[Step, ...], rule: str, cure: str, key: bool = False
) -> Mistake:
    place = root.locate(*path, key=key)
    return Mistake(str(file), place.line, place.column, rule, cure)


def _text(node: Node, key: str) -> str | None:
    child = node.child(key)
    return child.value if child is not None and isinstance(child.value, str) else None


def _check_ask(root: Node, file: Path) -> Iterator[Mistake]:
    slots, ask = root.child("slots"), root.child("ask")
    if slots is None or ask is None or not isinstance(slots.value, dict):
        return
    asked: set[str] = set()
    for index, name in scalars(ask):
        if name not in slots.value:
            cure = did_you_mean(name, slots.value, "Define it under `slots`, or take it out.")
            yield _mistake(
                root, file, ("ask", index), f"`ask` names `{name}`, and there is no such slot", cure
            )
        elif name in asked:
            yield _mistake(root, file, ("ask", index), f"`ask` names `{name}` twice", "Keep one of the two.")
        asked.add(name)
    for name, slot in slots.value.items():
        required = (_text(slot, "required") or "true").strip().lower() not in _NO
        if required and name not in asked:
            rule = f"the slot `{name}` is required and never asked for"
            cure = "Add it to `ask`, or set `required: false`."
            yield _mistake(root, file, ("slots", name), rule, cure, key=True)


def _check_slot(root: Node, name: str, slot: Node, file: Path) -> Iterator[Mistake]:
    kind = _text(slot, "type")
    if kind not in {t.value for t in SlotType}:
        return
    path = ("slots", name)
    if kind in (SlotType.CHOICE, SlotType.LIST) and not _filled(slot.child("values")):
        cure = "Add `values:` with each value and other ways to say it."
        yield _mistake(root, file, path, f"`{name}` is a {kind} without values", cure, key=True)
    if kind == SlotType.LIST and not _text(slot, "none"):
        cure = "Add `none:`, what to call it when there are none."
        yield _mistake(root, file, path, f"`{name}` is a list without `none`", cure, key=True)
    if kind == SlotType.YES_NO and not _text(slot, "yes"):
        cure = "Add `yes:`, how to read back a yes: `you agree`."
        yield _mistake(root, file, path, f"`{name}` is a yes_no without `yes`", cure, key=True)
    for key, kinds in _ONLY_FOR.items():
        if slot.child(key) is not None and kind not in kinds:
            rule = f"`{key}` means nothing for a {kind}"
            cure = f"Remove it; it belongs to {' and '.join(kinds)}."
            yield _mistake(root, file, (*path, key), rule, cure, key=True)
    yield from _check_forms(root, name, slot, file)


def _filled(node: Node | None) -> bool:
    return node is not None and bool(node.value)


def _check_forms(root: Node, name: str, slot: Node, file: Path) -> Iterator[Mistake]:
    """No words may stand for two values: nobody could tell which was meant."""
    values = slot.child("values")
    if values is None or not isinstance(values.value, dict):
        return
    meaning: dict[str, str] = {}
    for label, forms in values.value.items():
        for index, form in ((None, label), *scalars(forms)):
            words = form.strip().casefold()
            if meaning.setdefault(words, label) != label:
                path: tuple[Step, ...] = ("slots", name, "values", label)
                path = path if index is None else (*path, index)
                rule = f"`{form}` stands for both `{meaning[words]}` and `{label}`"
                yield _mistake(root, file, path, rule, "Keep one of the two.", key=index is None)


def _check_knowledge(root: Node, file: Path) -> Iterator[Mistake]:
    named = _text(root, "knowledge")
    if not named:
        return
    folder = knowledge_folder(file, named)
    where = ("knowledge",)
    if folder is None:
        rule = f"`knowledge` leads out of the flow's own folder: {named}"
        yield _mistake(root, file, where, rule, "Name a folder beside the flow file.")
    elif not folder.is_dir():
        beside = [p.relative_to(file.parent).as_posix() for p in file.parent.glob("*/**") if p.is_dir()]
        cure = did_you_mean(named, beside, f"Create the folder {folder} or correct the name.")
        yield _mistake(root, file, where, f"there is no folder `{named}` beside the flow", cure)
    elif not any(folder.glob("**/*.md")):
        yield _mistake(root, file, where, f"the folder `{named}` holds no pages", "Add a page: `about.md`.")


def knowledge_folder(file: Path, named: str) -> Path | None:
    """The folder that a flow file names, None where it lies outside of the file's own folder."""
    if "\0" in named:
        return None
    home = file.parent.resolve()
    folder = (home / named).resolve()
    return folder if folder.is_relative_to(home) and folder != home else None
