"""The sections of the settings: what each key is called, what it may be, and what it is by default."""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from duplex_frontend.engine.barge_in import BargeInTuning
from duplex_frontend.engine.turn_tuning import TurnTuning
from memory.redis_place import BadUrl, read_url
from orchestrator.secret_values import wanted_secret

DATABASE_NAME = "souffleur.db"


def _data_home() -> Path:
    """By the XDG base directory specification, which has relative paths ignored."""
    told = Path(os.environ.get("XDG_DATA_HOME", ""))
    home = told if told.is_absolute() else Path.home() / ".local" / "share"
    return home / "souffleur"


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ServerSettings(Section):
    host: str = Field(
        "127.0.0.1",
        min_length=1,
        description="The address to listen on. Others than this machine's need a key or an issuer of tokens first.",
    )
    port: int = Field(8420, ge=0, le=65535, description="0 takes any port that is free.")
    trusted_hosts: tuple[str, ...] = Field(
        (), description="More names that browsers may reach the server by, without port: a reverse proxy's."
    )
    trusted_origins: tuple[Annotated[str, Field(pattern=r"^https?://[^/\s]+$")], ...] = Field(
        (), description="Pages from elsewhere that may open calls, such as http://localhost:5173."
    )
    moshi_flow: str = Field(
        "",
        description="A flow on offer for clients of Moshi's protocol that name none; empty: the speech model by itself.",
    )

    callers: Literal["local", "tickets", "anyone"] = Field(
        "local",
        description="Who may open calls at the page, /call and /api/chat: this machine; whoever has a ticket (POST /api/v1/tickets); anyone.",
    )

    browser_number: str = Field(
        "",
        pattern=r"^\+?[\d ()./-]{0,30}$",
        description="The number that callers in a browser are taken to ring from, to try out what is remembered of them; empty: withheld.",
    )
    grace_s: float = Field(
        60.0,
        ge=0,
        le=3600,
        description="A call whose line is lost waits so long for its caller to come back.",
    )
    stop_grace_s: float = Field(
        10.0,
        ge=0,
        le=3600,
        description="On SIGTERM calls that cannot go on at another server have so long to end by themselves.",
    )

    @property
    def only_this_machine(self) -> bool:
        return _is_loopback(self.host)


class DataSettings(Section):
    folder: Path = Field(
        default_factory=_data_home, description="Where calls are kept; made when it is missing."
    )
    record_audio: bool = Field(True, description="Keep the sound of each call beside what it established.")
    store: Literal["sqlite", "redis"] = Field(
        "sqlite",
        description="Where calls are kept: in a file of the folder, or in a Redis that servers share.",
    )
    redis_url: str = Field(
        "",
        repr=False,
        description="redis://HOST:PORT/0, redis+sentinel://HOST:PORT,HOST:PORT/SERVICE or redis+cluster://HOST:PORT; rediss for TLS; may hold USER:PASSWORD@.",
    )
    lease_s: float = Field(
        30.0,
        ge=1,
        le=600,
        description="A server that has not been heard of for so long leads its calls no more; renewed three times in it.",
    )

    @model_validator(mode="after")
    def _reachable(self) -> DataSettings:
        if (self.store == "redis") != bool(self.redis_url):
            raise ValueError(
                "store = redis and redis_url belong together; give both, or neither to keep calls in a file"
            )
        try:
            if self.redis_url:
                read_url(self.redis_url)
        except BadUrl as wrong:
            raise ValueError(f"redis_url: {wrong}") from None
        return self

    @field_validator("folder")
    @classmethod
    def _without_tilde(cls, folder: Path) -> Path:
        return folder.expanduser()

    @property
    def database(self) -> Path:
        return self.folder / DATABASE_NAME

    @property
    def recordings(self) -> Path:
        return self.folder / "calls"

    @property
    def knowledge(self) -> Path:
        return self.folder / "knowledge"


class LogSettings(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "console", "json"] = Field(
        "auto", description="auto: console where a person looks on, else JSON, one object a line."
    )


class TelemetrySettings(Section):
    metrics: str = Field(
        "", description="Where Prometheus finds the metrics: HOST:PORT, as in 127.0.0.1:9464; empty: nowhere."
    )
    token_env: str = Field(
        "",
        description="The name of the variable that holds the token that a scrape has to show; needed where others than this machine reach the address.",
    )
    traces: str = Field(
        "",
        description="Of an OpenTelemetry collector that takes OTLP over HTTP, as in http://127.0.0.1:4318; empty: no traces.",
    )
    traced: float = Field(1.0, ge=0, le=1, description="The share of calls that are traced.")

    @field_validator("metrics")
    @classmethod
    def _an_address(cls, address: str) -> str:
        if address and not re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^\s:\[\]]+):\d{1,5}", address):
            raise ValueError(f"{address!r} is no address to listen on; write HOST:PORT, as in 127.0.0.1:9464")
        if address and int(address.rpartition(":")[2]) > 65535:
            raise ValueError(f"{address!r} has no such port; ports end at 65535")
        return address

    @field_validator("traces")
    @classmethod
    def _a_url(cls, url: str) -> str:
        if url and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#@]*)?", url):
            raise ValueError("telemetry.traces should be a URL such as http://127.0.0.1:4318")
        return url

    @model_validator(mode="after")
    def _asked_who_they_are(self) -> TelemetrySettings:
        if self.metrics and not _is_loopback(self.metrics_address[0]) and not self.token_env:
            raise ValueError(
                "metrics can be reached from elsewhere, and nobody is asked for a token; set token_env, or listen "
                "on 127.0.0.1"
            )
        return self

    @property
    def metrics_address(self) -> tuple[str, int]:
        host, _, port = self.metrics.rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def token(self) -> str:
        """Raises BadSettings where one is wanted and missing."""
        return wanted_secret(self.token_env, "telemetry.token_env")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class EngineSettings(Section):
    address: str = Field(
        "", description="Where the duplex engine listens: unix:/run/engine.sock, or tcp:HOST:PORT."
    )
    token_env: str = Field(
        "", description="The name of the variable that holds the engine's token; empty for none."
    )
    speech: Literal["lines", "between", "own"] = Field(
        "between",
        description="lines: a flow's lines word for word, and nothing else; between: between them what the model likes; own: the model phrases.",
    )
    python: str = Field(
        "", description="Of the engine's environment, for `souffleur engine`; empty for .venv-engine."
    )
    turns: TurnTuning = Field(
        TurnTuning(), description="Where turns begin and end; a flow may override some."
    )
    barge_in: BargeInTuning = Field(
        BargeInTuning(), description="When a caller who speaks over an exact line gets the floor."
    )

    @field_validator("address")
    @classmethod
    def _an_address(cls, address: str) -> str:
        if address and not re.fullmatch(r"unix:.+|tcp:.+:\d{1,5}", address):
            raise ValueError(f"{address!r} is no address of an engine; write unix:PATH or tcp:HOST:PORT")
        return address

    @property
    def token(self) -> str:
        """Raises BadSettings where one is wanted and missing."""
        return wanted_secret(self.token_env, "engine.token_env")


class KnowledgeSettings(Section):
    store: Literal["embedded", "qdrant"] = Field(
        "embedded",
        description="embedded: an index in each process; qdrant: a Qdrant server that all of them share.",
    )
    url: str = Field("", description="Of the Qdrant server, as in http://127.0.0.1:6333.")
    collection: str = Field(
        "souffleur", pattern=r"^[\w.-]{1,120}$", description="On the Qdrant server; made where it is missing."
    )
    api_key_env: str = Field(
        "", description="The name of the variable that holds the Qdrant server's key; empty for no key."
    )
    embeddings: str = Field(
        "",
        description="A model of sentence-transformers, by its name on the hub or its folder; `small` for "
        "all-MiniLM-L6-v2; empty: knowledge is searched by words alone.",
    )

    @model_validator(mode="after")
    def _reachable(self) -> KnowledgeSettings:
        if self.url and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#@]*)?", self.url):
            raise ValueError(
                "knowledge.url should be a URL such as http://127.0.0.1:6333; a key belongs into api_key_env"
            )
        if (self.store == "qdrant") != bool(self.url):
            raise ValueError(
                "store = qdrant and url belong together; give both, or neither for the embedded index"
            )
        return self

    @property
    def api_key(self) -> str:
        """The key, "" where none is wanted. Raises BadSettings where it is wanted and missing."""
        return wanted_secret(self.api_key_env, "knowledge.api_key_env")


class LlmSettings(Section):
    base_url: str = Field(
        "",
        description="Of an OpenAI-compatible endpoint, with its version; empty: the parsers alone understand.",
    )
    model: str = Field("", description="As the endpoint calls it.")
    api_key_env: str = Field("", description="The name of the variable that holds the key; empty for no key.")
    dialect: Literal["common", "openai"] = Field(
        "common",
        description="openai: max_completion_tokens and no temperature, as its reasoning models want.",
    )
    budget_ms: int = Field(700, ge=50, le=10_000, description="For parsers and model together, in a turn.")
    max_tokens: int = Field(400, ge=50, le=8000, description="Of an answer.")
    always: bool = Field(False, description="Ask the model even where the parsers understood every word.")

    @model_validator(mode="after")
    def _whole(self) -> LlmSettings:
        host = r"(\[[0-9a-fA-F:.]+\]|[^\s/?#@:\[\]]+)"
        if self.base_url and not re.fullmatch(rf"https?://{host}(:\d{{1,5}})?(/[^\s?#@]*)?", self.base_url):
            raise ValueError(
                "base_url should be a URL such as http://127.0.0.1:8000/v1; a key belongs into api_key_env"
            )
        if self.base_url and not self.model:
            raise ValueError("there is a base_url, but no model; name one that the endpoint serves")
        return self

    @property
    def api_key(self) -> str:
        """The key, "" where none is wanted. Raises BadSettings where it is wanted and missing."""
        return wanted_secret(self.api_key_env, "llm.api_key_env")
