"""Who may open a call: this machine, whoever has a ticket, or anyone (`server.callers`)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from fastapi import WebSocket

from orchestrator.errors import BadSettings
from orchestrator.settings import Settings
from orchestrator.tickets import Tickets


@dataclass(frozen=True, slots=True)
class CallDoor:
    """Args:
    callers: as in the settings.
    tickets: who proves tickets; None where none are issued.
    """

    callers: str
    tickets: Tickets | None = None

    def refusal(self, socket: WebSocket, flow: str) -> str:
        """Why a client may not open a call, "" where it may. A ticket is used up by asking."""
        if self.callers == "anyone" or (self.callers == "local" and _is_local(socket)):
            return ""
        ticket = socket.query_params.get("ticket", "")
        if self.tickets is not None and ticket and self.tickets.accept(ticket, flow):
            return ""
        if self.callers == "local":
            return "Only this machine may open calls here, or who has a ticket (server.callers)."
        return "A call takes a ticket here (?ticket=...), good once and for a while; ask whoever runs this server."


def _is_local(socket: WebSocket) -> bool:
    try:
        return socket.client is not None and ipaddress.ip_address(socket.client.host).is_loopback
    except ValueError:
        return False


def check_open(settings: Settings, good_keys: int | None) -> None:
    """Whether a server may listen where the settings say.

    Args:
        good_keys: of the tenant's, that are neither expired nor revoked; None for a server without the admin API.

    Raises:
        BadSettings: others than this machine could reach it, and it could not ask who they are.
    """
    server = settings.server
    if server.only_this_machine:
        return
    if not good_keys and not settings.api.issuer:
        raise BadSettings(
            f"server.host: {server.host} would let others than this machine in, and there is nothing to know them "
            "by; make a key first (souffleur init, or souffleur keys add), or set api.issuer; or keep 127.0.0.1"
        )
