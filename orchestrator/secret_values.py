"""Secrets from the environment: as they stand in a variable, or in a file that a variable names.

`NAME_FILE=/run/secrets/name` stands for `NAME=<what is in that file>`, as container platforms hand secrets over. The
file is read once, and what is in it is never shown.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestrator.errors import BadSettings

FILE_SUFFIX = "_FILE"
_MOST_BYTES = 64 * 1024


def secret(name: str, environment: Mapping[str, str] | None = None) -> str:
    """What a variable holds, or the file that its `_FILE` names. "" where there is neither.

    Raises:
        BadSettings: there are both, or the file cannot be used.
    """
    environment = os.environ if environment is None else environment
    value, path = environment.get(name, ""), environment.get(name + FILE_SUFFIX, "")
    if value and path:
        raise BadSettings(f"{name} and {name}{FILE_SUFFIX} are both set; leave one of them out")
    return read_secret(name + FILE_SUFFIX, path) if path else value


def wanted_secret(variable: str, setting: str) -> str:
    """What the variable holds that this setting names, "" where it names none. Raises BadSettings where it is empty."""
    held = secret(variable) if variable else ""
    if variable and not held:
        raise BadSettings(
            f"{setting}: {variable} is not set; put the secret there, or its file's path into {variable}_FILE, or "
            f"leave {setting} out"
        )
    return held


def read_secret(name: str, path: str) -> str:
    """The content of a secret's file, without the line end that editors leave behind it.

    Args:
        name: the variable that names the file, for the error.

    Raises:
        BadSettings: it is missing, empty, too large, or no text.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        text = data.decode().rstrip("\r\n")
    except OSError as refused:
        raise BadSettings(f"{name}: {path} cannot be read ({refused.strerror})") from None
    except UnicodeDecodeError:
        raise BadSettings(f"{name}: {path} is no text; write the secret as UTF-8") from None
    if len(data) > _MOST_BYTES or not text:
        wrong = "is empty" if not text else f"is larger than {_MOST_BYTES // 1024} KiB"
        raise BadSettings(f"{name}: {path} {wrong}; is it the right file?")
    return text


# --- settings in files ---


def in_files(
    prefix: str, between: str, but: str, is_setting: Callable[[Sequence[str]], bool]
) -> dict[tuple[str, ...], str]:
    """The settings that the environment has in files, by path: `PREFIX_A__B_FILE` is one for `a.b`.

    Args:
        prefix, between: how the name of a variable is made of a path.
        but: names that begin so are no settings.
        is_setting: whether there is one at a path. One whose own name ends in `_file` is taken as it stands.

    Raises:
        BadSettings: see `secret`.
    """
    found = {}
    for name in os.environ:
        if name.startswith(prefix) and name.endswith(FILE_SUFFIX) and not name.startswith(but):
            path = tuple(name[len(prefix) :].lower().split(between))
            stem = (*path[:-1], path[-1].removesuffix(FILE_SUFFIX.lower()))
            if os.environ[name] and not is_setting(path) and is_setting(stem):
                found[stem] = secret(name.removesuffix(FILE_SUFFIX))
    return found


def nested(path: Sequence[str], value: object) -> dict[str, Any]:
    """One value under its path: `a.b` → `{"a": {"b": value}}`."""
    return {path[0]: nested(path[1:], value) if path[1:] else value}


def without(values: Mapping[str, Any], path: Sequence[str]) -> dict[str, Any]:
    """The same, but for what stands under a path."""
    inner = values.get(path[0])
    if path[1:] and isinstance(inner, Mapping):
        return {**values, path[0]: without(inner, path[1:])}
    return {key: value for key, value in values.items() if path[1:] or key != path[0]}
