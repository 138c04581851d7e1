"""What can go wrong with running calls. One root; the text says where, what, and how to mend it."""

from __future__ import annotations


class OrchestratorError(Exception):
    """Something cannot be run as asked."""


class BadSettings(OrchestratorError):
    """A setting is wrong."""


class PortTaken(OrchestratorError):
    """The address to listen on is in use."""


class ServerLeaves(OrchestratorError):
    """This server takes no calls any more. Another one does, or this one once it has been started again."""

    def __init__(self) -> None:
        super().__init__("this server is being restarted and takes no calls now; try again in a moment")


class BadCallFile(OrchestratorError):
    """A file is no call.json, or one of another version."""


class CannotWrite(OrchestratorError):
    """A file could not be written: no room, no right."""


class CallerFailed(OrchestratorError):
    """The program that stands in for a caller did not ring, or left no report."""


class BadSimulation(OrchestratorError):
    """What was asked for cannot be simulated."""


class CannotReplay(OrchestratorError):
    """A call cannot be replayed as asked."""
