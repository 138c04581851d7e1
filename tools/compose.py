"""docker-compose.yml as Compose itself reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

_VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>\w+)(?::-(?P<default>[^}]*))?\})")


def read_compose(path: Path, variables: Mapping[str, str]) -> dict[str, Any]:
    """The file as Compose reads it: anchors and merges resolved, `${NAME:-default}` filled in from `variables`."""
    filled: dict[str, Any] = _fill(YAML(typ="safe").load(path), variables)
    return filled


def _fill(value: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _fill(inner, variables) for key, inner in value.items()}
    if isinstance(value, list):
        return [_fill(inner, variables) for inner in value]
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: _value(found, variables), value)
    return value


def _value(found: re.Match[str], variables: Mapping[str, str]) -> str:
    if found["name"] is None:
        return "$"
    return variables.get(found["name"]) or found["default"] or ""
