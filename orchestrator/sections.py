"""The sections of the settings: what each key is called, what it may be, and what it is by default."""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from orchestrator.errors import BadSettings

DATABASE_NAME = "souffleur.db"


def _data_home() -> Path:
    """By the XDG base directory specification, which has relative paths ignored."""
    told = Path(os.environ.get("XDG_DATA_HOME", ""))
    home = told if told.is_absolute() else Path.home() / ".local" / "share"
    return home / "souffleur"


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ServerSettings(Section):
    host: str = Field("127.0.0.1", description="The address to listen on: this machine only.")
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

    @field_validator("host")
    @classmethod
    def _only_this_machine(cls, host: str) -> str:
        try:
            loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
        except ValueError:
            loopback = False
        if not loopback:
            raise ValueError(
                f"{host!r} would let others ring in and listen, and the server cannot ask who they are yet; "
                "keep 127.0.0.1, and put a proxy that authenticates in front where others have to reach it"
            )
        return host


class DataSettings(Section):
    folder: Path = Field(
        default_factory=_data_home, description="Where calls are kept; made when it is missing."
    )
    record_audio: bool = Field(True, description="Keep the sound of each call beside what it established.")

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

    @field_validator("address")
    @classmethod
    def _an_address(cls, address: str) -> str:
        if address and not re.fullmatch(r"unix:.+|tcp:.+:\d{1,5}", address):
            raise ValueError(f"{address!r} is no address of an engine; write unix:PATH or tcp:HOST:PORT")
        return address

    @property
    def token(self) -> str:
        """Raises BadSettings where one is wanted and missing."""
        if self.token_env and not os.environ.get(self.token_env):
            raise BadSettings(
                f"engine.token_env: {self.token_env} is not set; put the engine's token there, or leave it out"
            )
        return os.environ.get(self.token_env, "") if self.token_env else ""


class KnowledgeSettings(Section):
    embeddings: str = Field(
        "",
        description="A model of sentence-transformers, by its name on the hub or its folder; `small` for "
        "all-MiniLM-L6-v2; empty: knowledge is searched by words alone.",
    )


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
        if self.api_key_env and not os.environ.get(self.api_key_env):
            raise BadSettings(
                f"llm.api_key_env: {self.api_key_env} is not set; put the key there, or leave it out"
            )
        return os.environ.get(self.api_key_env, "") if self.api_key_env else ""
