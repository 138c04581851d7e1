"""The settings of the admin API: `[api]`."""

from __future__ import annotations

import re

from pydantic import Field, model_validator

from orchestrator.errors import BadSettings
from orchestrator.secret_values import secret
from orchestrator.sections import Section


class ApiSettings(Section):
    issuer: str = Field(
        "",
        description="An OpenID Connect issuer whose tokens are taken beside keys, as its tokens call it: https://login.example/realms/desk.",
    )
    audience: str = Field("souffleur", min_length=1, description="Whom its tokens have to be for.")
    role_claim: str = Field(
        "souffleur_role",
        min_length=1,
        description="The claim that names a role, or several: viewer, operator, supervisor, admin.",
    )
    tenant_claim: str = Field(
        "souffleur_tenant", min_length=1, description="The claim that names the tenant."
    )
    requests_per_minute: int = Field(
        600, ge=1, le=1_000_000, description="For each key or subject; strangers by their address."
    )
    burst: int = Field(100, ge=1, le=100_000, description="So many at once.")
    most_body_kib: int = Field(256, ge=1, le=65_536, description="Of a request.")
    most_upload_mib: int = Field(20, ge=1, le=1024, description="Of an uploaded flow or document.")
    order_within_s: float = Field(
        5.0, gt=0, le=60, description="How long the server that carries a call has to carry out an order."
    )
    ticket_key_env: str = Field(
        "",
        description="The name of the variable that holds the key by which call tickets are signed, the same on all servers; empty: a new one at each start.",
    )

    @model_validator(mode="after")
    def _an_issuer(self) -> ApiSettings:
        local = r"http://(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d{1,5})?"
        if self.issuer and not re.fullmatch(rf"(https://[^\s/?#@]+|{local})(/[^\s?#]*)?", self.issuer):
            raise ValueError(
                "api.issuer should be an https URL, such as https://login.example/realms/desk; plain http is "
                "only for an issuer on this machine"
            )
        return self

    @property
    def ticket_key(self) -> str:
        """ "" where none is set. Raises BadSettings where one is wanted and missing, or too short to be one."""
        key = secret(self.ticket_key_env) if self.ticket_key_env else ""
        if self.ticket_key_env and len(key) < 32:
            raise BadSettings(
                f"api.ticket_key_env: {self.ticket_key_env} should hold at least 32 random characters"
            )
        return key
