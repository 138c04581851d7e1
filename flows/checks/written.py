"""A flow as it stands in its file: what of it can be read, and where each part is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from flows.conditions import Expressions
from flows.errors import Mistake, Severity
from flows.expand import expand
from flows.places import OUTCOMES
from flows.schema import Flow
from flows.slot import Slot
from flows.source import Node, Step
from flows.step import Step as SchemaStep

Path_ = tuple[Step, ...]
LONGEST_LABEL = 200


@dataclass(frozen=True)
class Written:
    """A flow as written.

    Attributes:
        file: its name, for messages.
        root: the tree of the file.
        flow: what of it follows the schema.
        imported: the flows that its imports name, written out. Those that have mistakes are not among them.
    """

    file: str
    root: Node
    flow: Flow
    imported: Mapping[str, Flow] = field(default_factory=dict)

    def mistake(
        self, path: Path_, rule: str, cure: str, *, key: bool = False, warning: bool = False
    ) -> Mistake:
        """At the part that `path` leads to, or at its name."""
        place = self.root.locate(*path, key=key)
        severity = Severity.WARNING if warning else Severity.ERROR
        return Mistake(self.file, place.line, place.column, rule, cure, severity)

    def names(self, section: str) -> tuple[str, ...]:
        """The names under a key of the file, those among them whose parts cannot be read."""
        child = self.root.child(section)
        return tuple(child.value) if child is not None and isinstance(child.value, dict) else ()

    def has(self, *path: Step) -> bool:
        """Whether anything is written at `path`."""
        return self.node(path) is not None

    def text(self, *path: Step) -> str | None:
        """What is written at `path`, None where that is nothing or no text."""
        node = self.node(path)
        return node.value if node is not None and isinstance(node.value, str) else None

    def node(self, path: Path_) -> Node | None:
        """The part of the tree at `path`, None where there is none."""
        node: Node | None = self.root
        for step in path:
            node = node.child(step) if node is not None else None
        return node

    @cached_property
    def whole(self) -> Flow:
        """The flow with what called flows bring, as far as it can be written out."""
        steps = {name: step for name, step in self.flow.steps.items() if not overlong_answers(step)}
        return expand(self.flow.model_copy(update={"steps": steps}), self.imported)

    @property
    def slots(self) -> Mapping[str, Slot]:
        """All that expressions and texts may name: the slots, the questions, what called flows bring."""
        return self.whole.slots

    def known(self, section: str) -> tuple[str, ...]:
        """The names under a key of the file, and those that called flows bring: `step.name`."""
        brought = (name for name in getattr(self.whole, section) if "." in name)
        return (*self.names(section), *brought)

    @cached_property
    def expressions(self) -> Expressions:
        """Over the slots whose types are known."""
        return Expressions(self.slots, ())

    @cached_property
    def unreadable(self) -> frozenset[str]:
        """Names of slots that are there, and whose type is not known because their part has mistakes."""
        questions = [name for name in self.names("steps") if self.text("steps", name, "question")]
        return frozenset({*self.names("slots"), *questions} - set(self.slots))

    def is_slot(self, name: str) -> bool:
        """Whether there is such a slot, as far as can be told."""
        return name in self.slots or name in self.unreadable or self.may_be_brought(name)

    def may_be_brought(self, name: str) -> bool:
        """Whether a called flow may bring it, of which nothing is known because it cannot be read."""
        return name.startswith(self._unknown_parts)

    @cached_property
    def targets(self) -> Mapping[str, None]:
        """Where a way can lead by name."""
        return dict.fromkeys((*self.names("steps"), *self.names("outcomes"), *OUTCOMES))

    @cached_property
    def _unknown_parts(self) -> tuple[str, ...]:
        """What names begin with whose steps call a flow that cannot be read: nothing is known of what it brings."""
        called = {
            name: self.text("steps", name, "call", "flow") or self.text("steps", name, "call")
            for name in self.names("steps")
        }
        return tuple(f"{name}." for name, flow in called.items() if flow and flow not in self.imported)


def overlong_answers(step: SchemaStep) -> list[str]:
    """Answers of a question that are too long to be compared with."""
    return [label for label in step.answers if len(label) > LONGEST_LABEL]
