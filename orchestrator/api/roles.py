"""Who asks, and what each role may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Role(IntEnum):
    """Each may do what the ones before it may.

    viewer: look on, without personal details. operator: hear and lead live calls within their flow, correct memory,
    add knowledge. supervisor: go past gates, give what only a caller can give, dictate words, export and delete.
    admin: change which flows calls follow, and read who did what.
    """

    VIEWER = 1
    OPERATOR = 2
    SUPERVISOR = 3
    ADMIN = 4

    @property
    def word(self) -> str:
        return self.name.lower()


def role_named(word: str) -> Role | None:
    return Role.__members__.get(word.upper()) if word.islower() else None


ROLE_NAMES = tuple(role.word for role in Role)


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody whose key or token was accepted. `who`: as in the audit log."""

    tenant: str
    who: str
    role: Role
