"""The one reader of the environment and of the settings file.

A flag wins over the environment (`SOUFFLEUR_SERVER__PORT=9000`), that over the file (`souffleur.toml`), that over
the defaults below. Whatever is wrong is said in one sentence per mistake: where it stands, what is wrong, what to
write instead.
"""

from __future__ import annotations

import difflib
import json
import os
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from duplex_frontend.cascade.tuning import Tuning
from orchestrator.actions.allowed import SECRET_PREFIX, ActionSettings
from orchestrator.api.settings import ApiSettings
from orchestrator.errors import BadSettings
from orchestrator.privacy_settings import PrivacySettings
from orchestrator.secret_values import FILE_SUFFIX, in_files, nested, secret, without
from orchestrator.sections import (
    DataSettings,
    EngineSettings,
    KnowledgeSettings,
    LlmSettings,
    LogSettings,
    ServerSettings,
    TelemetrySettings,
)

FILE_NAME = "souffleur.toml"
ENV_PREFIX = "SOUFFLEUR_"
ENV_NESTED = "__"
_NO_SETTINGS = (SECRET_PREFIX, "SOUFFLEUR_ADMIN_")  # secrets of actions; where `souffleur admin` looks
_PROBABILITIES = ("onset", "offset", "pause", "believe_grammar")
"""Names of thresholds, wherever they stand."""


class Settings(BaseSettings):
    """Everything a deployment may choose. Made by `load_settings`; made directly it reads nothing else."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_nested_delimiter=ENV_NESTED,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
    )

    tenant: str = Field("default", min_length=1, max_length=60, description="Whose calls these are.")
    max_calls: int = Field(4, ge=1, le=1000, description="Calls at once; one more hears that all are taken.")
    voice: str = Field("", description="For flows that name no voice; empty for the best that is found.")
    front_end: Literal["cascade", "personaplex"] = Field(
        "cascade", description="What speaks: the embedded one, or the duplex engine."
    )
    server: ServerSettings = ServerSettings()
    data: DataSettings = Field(default_factory=DataSettings)
    engine: EngineSettings = EngineSettings()
    cascade: Tuning = Tuning()
    log: LogSettings = LogSettings()
    api: ApiSettings = ApiSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    privacy: PrivacySettings = PrivacySettings()
    llm: LlmSettings = LlmSettings()
    knowledge: KnowledgeSettings = KnowledgeSettings()
    actions: ActionSettings = ActionSettings()

    @model_validator(mode="after")
    def _reachable(self) -> Settings:
        if self.front_end == "personaplex" and not self.engine.address:
            raise ValueError(
                "front_end is personaplex, but engine.address says nowhere; start an engine with "
                "`souffleur engine serve` and give its address"
            )
        return self

    @field_validator("cascade")
    @classmethod
    def _sane(cls, tuning: Tuning) -> Tuning:
        _check_numbers(tuning)
        if tuning.vad.offset > tuning.vad.onset:
            raise _wrong(("vad", "offset"), "it should not lie above vad.onset, or speech would never begin")
        return tuning

    @field_validator("engine")
    @classmethod
    def _sane_turns(cls, engine: EngineSettings) -> EngineSettings:
        _check_numbers(engine.turns, ("turns",))
        _check_numbers(engine.barge_in, ("barge_in",))
        if engine.turns.caller.offset > engine.turns.caller.onset:
            path = ("turns", "caller", "offset")
            raise _wrong(path, "it should not lie above turns.caller.onset, or speech would never begin")
        return engine

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)  # load_settings reads the rest, to be able to say where a mistake stands


# --- reading -----------------------------------------------------------------------------------------------


def load_settings(flags: Mapping[str, object] | None = None, config: Path | None = None) -> Settings:
    """Read flags, environment and file, once, at the start of a program.

    Args:
        flags: by dotted name (`server.port`), None for those not given.
        config: the file; without it `souffleur.toml` of the working folder, where there is one.

    Raises:
        BadSettings: one sentence and one line per mistake.
    """
    sources = (_from_flags(flags or {}), _from_environment(), _from_file(config))
    merged: dict[str, Any] = {}
    for source in reversed(sources):
        merged = _over(merged, source.values)
    try:
        return Settings(**merged)
    except ValidationError as refused:
        mistakes = [_sentence(error, sources) for error in refused.errors()]
        raise BadSettings("\n".join(dict.fromkeys(mistakes))) from None


@dataclass(frozen=True, slots=True)
class _Source:
    """One place that settings come from, and how a setting is written there. `secret`: paths whose value is not shown."""

    values: Mapping[str, Any]
    kind: Literal["flag", "environment", "file"]
    file: str = ""
    secret: Collection[tuple[str, ...]] = ()

    def write(self, path: Sequence[str]) -> str:
        if self.kind == "flag":
            return "--" + path[-1].replace("_", "-")
        if self.kind == "environment":
            return ENV_PREFIX + ENV_NESTED.join(path).upper()
        return ".".join(path)

    def place(self, path: Sequence[str]) -> str:
        return f"{self.file}: {self.write(path)}" if self.file else self.write(path)

    def has(self, path: Sequence[str]) -> bool:
        here: Any = self.values
        for key in path:
            if not isinstance(here, Mapping) or key not in here:
                return False
            here = here[key]
        return True


def _from_flags(flags: Mapping[str, object]) -> _Source:
    given: dict[str, Any] = {}
    for name, value in flags.items():
        if value is not None:
            given = _over(given, nested(name.split("."), value))
    return _Source(given, "flag")


def _from_environment() -> _Source:
    try:
        values = EnvSettingsSource(Settings)()
    except SettingsError as refused:
        raise BadSettings(f"environment: {refused}; write JSON, or one variable for each setting") from None
    # pydantic-settings passes over what it does not know at the top.
    for name in os.environ:
        if name.upper().startswith(ENV_PREFIX) and not name.startswith(_NO_SETTINGS) and os.environ[name]:
            first = name[len(ENV_PREFIX) :].lower().split(ENV_NESTED)[0]
            if first not in Settings.model_fields:
                values[first] = os.environ[name]
    given = cast("dict[str, Any]", _lists(values))
    from_files = in_files(ENV_PREFIX, ENV_NESTED, SECRET_PREFIX, _is_setting)
    for path, value in from_files.items():
        given = _over(without(given, (*path[:-1], path[-1] + FILE_SUFFIX.lower())), nested(path, value))
    if secrets := {name[len(SECRET_PREFIX) :]: secret(name) for name in _secret_names()}:
        given = _over(given, {"actions": {"secrets": secrets}})
    return _Source(given, "environment", secret=tuple(from_files))


def _secret_names() -> set[str]:
    named = (name for name in os.environ if name.startswith(SECRET_PREFIX) and os.environ[name])
    return {name.removesuffix(FILE_SUFFIX) for name in named}


def _is_setting(path: Sequence[str]) -> bool:
    try:
        return path[-1] in _known_beside(path)
    except (KeyError, AttributeError, IndexError, TypeError):  # there is no such section
        return False


def _lists(value: object) -> object:
    """Text such as `["one", "two"]` is a list at any depth, not only at the top."""
    if isinstance(value, Mapping):
        return {key: _lists(inner) for key, inner in value.items()}
    if isinstance(value, str) and value.startswith("["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _from_file(config: Path | None) -> _Source:
    path = config or Path(FILE_NAME)
    if config is None and not path.exists():
        return _Source({}, "file", str(path))
    try:
        with path.open("rb") as file:
            return _Source(tomllib.load(file), "file", str(path))
    except FileNotFoundError:
        raise BadSettings(f"{path}: there is no such settings file; check --config") from None
    except OSError as refused:
        raise BadSettings(f"{path}: the settings file cannot be read ({refused.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as refused:
        raise BadSettings(f"{path}: this is no TOML: {refused}") from None


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[key] = _over(cast("Mapping[str, Any]", old), value) if both else value
    return merged


# --- saying what is wrong ----------------------------------------------------------------------------------


def _sentence(error: ErrorDetails, sources: Sequence[_Source]) -> str:
    inside = error.get("ctx", {}).get("path", ())
    path = [str(key) for key in error["loc"] if not isinstance(key, int)] + list(inside)
    source = next((s for s in sources if s.has(path)), sources[-1])
    place, kind = source.place(path), error["type"]
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        known = _known_beside(path)
        near = difflib.get_close_matches(path[-1], known, n=1)
        meant = [source.write([*path[:-1], name]) for name in near or known]
        cure = f"did you mean {meant[0]}?" if near else f"there are {', '.join(meant)}"
        return f"{place}: there is no such setting; {cure}"
    if kind in ("model_type", "model_attributes_type", "dataclass_type"):
        return f"{place}: this is a section with settings of its own: {', '.join(_known_beside([*path, '']))}"
    if kind in ("value_error", "tuning"):
        return f"{place}: {error['msg'].removeprefix('Value error, ')}"
    hidden = "secrets" in path or tuple(path) in source.secret
    given = "what is given" if hidden else repr(error["input"])
    return f"{place}: {given} {error['msg'].removeprefix('Input ')}"


def _known_beside(path: Sequence[str]) -> list[str]:
    kind: Any = Settings
    for key in path[:-1]:
        # In a table, the key is a name that the deployment chose.
        kind = get_args(kind)[1] if get_origin(kind) is dict else get_type_hints(kind)[key]
    return [f.name for f in fields(kind)] if is_dataclass(kind) else list(kind.model_fields)


def _numbers(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], float]]:
    """Each number of a nested dataclass, with its path."""
    if is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            yield from _numbers(getattr(value, part.name), (*path, part.name))
    elif isinstance(value, int | float):
        yield path, value


def _check_numbers(tuning: object, above: tuple[str, ...] = ()) -> None:
    for path, value in _numbers(tuning, above):
        if value < 0 and not path[-1].endswith("_db"):  # a level lies below full scale
            raise _wrong(path, f"{value} should not be negative")
        if path[-1] in _PROBABILITIES and value > 1:
            raise _wrong(path, f"{value} should be a probability, 0 to 1")


def _wrong(path: tuple[str, ...], rule: str) -> PydanticCustomError:
    return PydanticCustomError("tuning", "{rule}", {"path": path, "rule": rule})
