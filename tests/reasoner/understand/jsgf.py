"""A reader of JSGF that makes up sentences: what a recogniser may hear."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

_TOKEN = re.compile(r"<\w+>|/[\d.]+/|[()\[\]|*+]|[^\s()\[\]|*+]+")


@dataclass(frozen=True)
class Node:
    """`kind` is word, rule, all, any, maybe or many."""

    kind: str
    text: str = ""
    parts: tuple[Node, ...] = ()


class Sentences:
    """Makes sentences that a grammar allows. Independent of the code that writes it."""

    def __init__(self, grammar: str) -> None:
        lines = re.findall(r"^(?:public )?<(\w+)> = (.*);$", grammar, re.MULTILINE)
        self._rules = {name: self._any(_TOKEN.findall(body)) for name, body in lines}
        self._public = re.findall(r"^public <(\w+)>", grammar, re.MULTILINE)
        assert len(self._public) == 1, "one public rule"

    def one(self, chance: random.Random) -> str:
        return " ".join(self._say(self._rules[self._public[0]], chance))

    def words(self) -> set[str]:
        found: set[str] = set()
        todo = list(self._rules.values())
        while todo:
            node = todo.pop()
            todo += node.parts
            if node.kind == "word":
                found.add(node.text)
        return found

    def _say(self, node: Node, chance: random.Random) -> list[str]:
        match node.kind:
            case "word":
                return [node.text]
            case "rule":
                return self._say(self._rules[node.text], chance)
            case "any":
                return self._say(chance.choice(node.parts), chance)
            case "maybe":
                return self._say(node.parts[0], chance) if chance.random() < 0.5 else []
            case "many":
                times = chance.randint(1, 10)
                return [word for _ in range(times) for word in self._say(node.parts[0], chance)]
            case _:
                return [word for part in node.parts for word in self._say(part, chance)]

    def _any(self, tokens: list[str]) -> Node:
        node, rest = self._alternatives(tokens)
        assert not rest, f"left over: {rest[:5]}"
        return node

    def _alternatives(self, tokens: list[str]) -> tuple[Node, list[str]]:
        options: list[Node] = []
        while True:
            option, tokens = self._row(tokens)
            options.append(option)
            if not tokens or tokens[0] != "|":
                return (Node("any", parts=tuple(options)) if len(options) > 1 else options[0]), tokens
            tokens = tokens[1:]

    def _row(self, tokens: list[str]) -> tuple[Node, list[str]]:
        parts: list[Node] = []
        while tokens and tokens[0] not in ("|", ")", "]"):
            token, tokens = tokens[0], tokens[1:]
            if token.startswith("/"):
                continue
            if token in ("(", "["):
                inner, tokens = self._alternatives(tokens)
                assert tokens[0] == {"(": ")", "[": "]"}[token]
                tokens = tokens[1:]
                node = inner if token == "(" else Node("maybe", parts=(inner,))
            elif token.startswith("<"):
                node = Node("rule", token[1:-1])
            else:
                node = Node("word", token)
            if tokens and tokens[0] == "+":
                node, tokens = Node("many", parts=(node,)), tokens[1:]
            parts.append(node)
        assert parts, "an empty alternative"
        return Node("all", parts=tuple(parts)), tokens
