"""Settings of what is kept of people: how it is sealed, for how long, and what is taken out of what is written."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from memory.privacy import Retention
from memory.sealed import Keyring, read_keys
from orchestrator.errors import BadSettings
from orchestrator.secret_values import secret
from orchestrator.sections import Section


class KeepDays(Section):
    none: int = Field(3650, ge=1, le=36_500, description="What is not private.")
    personal: int = Field(365, ge=1, le=36_500, description="Names, numbers, what callers wanted.")
    sensitive: int = Field(90, ge=1, le=36_500, description="What flows mark so: health, money, proofs.")
    recordings: int = Field(30, ge=1, le=36_500, description="The sound of calls.")


class PrivacySettings(Section):
    keys_env: str = Field(
        "",
        description="The name of the variable that holds the keys which seal what is kept, `id:secret`, the newest "
        "first; empty: nothing is sealed. `souffleur callers key` makes one.",
    )
    redact: Literal["never", "sensitive", "personal"] = Field(
        "never",
        description="What is taken out of what is written of a call when it is over: what may never be kept, also "
        "what is sensitive, or also what is personal.",
    )
    keep_days: KeepDays = Field(KeepDays(), description="How long what is known of people is kept, by class.")
    sweep_hours: float = Field(6.0, ge=0.1, le=168, description="How often a server removes what is older.")
    budget_ms: int = Field(
        300, ge=10, le=5000, description="How long a call waits to be told who is calling."
    )

    @property
    def keys(self) -> Keyring:
        """Raises BadSettings where they are wanted and missing, BadKeys where they are none."""
        if not self.keys_env:
            return Keyring()
        text = secret(self.keys_env)
        if not text:
            raise BadSettings(
                f"privacy.keys_env: {self.keys_env} is not set; put the keys there, or their file's path into "
                f"{self.keys_env}_FILE"
            )
        return read_keys(text, self.keys_env)

    @property
    def retention(self) -> Retention:
        days = self.keep_days
        return Retention(
            {"none": days.none, "personal": days.personal, "sensitive": days.sensitive}, days.recordings
        )
