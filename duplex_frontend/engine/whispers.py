"""The roles of one call on their way to the model: kept back while the agent is in the middle of a sentence, each with
receipts. Pure."""

from __future__ import annotations

from duplex_frontend.engine import wire
from duplex_frontend.types import Fate, Prompt, WhisperReceipt

_FATES = {
    wire.Outcome.LANDED: Fate.APPLIED,
    wire.Outcome.SUPERSEDED: Fate.SUPERSEDED,
    wire.Outcome.EXPIRED: Fate.EXPIRED,
    wire.Outcome.REFUSED: Fate.FAILED,
}


MOST_SENT = 32  # roles on their way whose fate is still to be told
LONGEST_SENTENCE_S = 4.0
"""A role is kept back no longer: who speaks on and on is in no sentence."""


class Whispers:
    """Of one call. What is `told` is for the call's events.

    Args:
        reads_roles: the model does; else a reply is all that is applied, at once.

    Attributes:
        in_force: revision of the role that the model reads now; -1 for the persona's own.
    """

    def __init__(self, *, reads_roles: bool) -> None:
        self.in_force = -1
        self._reads_roles = reads_roles
        self._newest = -1
        self._role = ""  # the newest that was asked for
        self._kept: Prompt | None = None
        self._since_s = 0.0
        self._sent: dict[int, None] = {}
        self._told: list[WhisperReceipt] = []

    def give(self, prompt: Prompt, now_s: float) -> bool:
        """Take a prompt. False where it is older than one that was given, or expired: then nothing of it is used."""
        expired = prompt.expires_s is not None and prompt.expires_s <= now_s
        if expired or prompt.revision <= self._newest:
            self._tell(prompt.revision, Fate.EXPIRED if expired else Fate.SUPERSEDED, now_s)
            return False
        self._newest = prompt.revision
        if self._reads_roles and prompt.role and prompt.role != self._role:
            if self._kept is not None:
                self._tell(self._kept.revision, Fate.SUPERSEDED, now_s)
            self._role, self._kept, self._since_s = prompt.role, prompt, now_s
            self._tell(prompt.revision, Fate.PREPARED, now_s)
        else:
            self._tell(prompt.revision, Fate.APPLIED, now_s)  # its words are the whole of it
        return True

    def due(self, now_s: float, *, speaking: bool) -> Prompt | None:
        """The prompt whose role is to be read now, once."""
        prompt = self._kept
        if prompt is None:
            return None
        if speaking and not prompt.mid_sentence and now_s - self._since_s < LONGEST_SENTENCE_S:
            return None
        self._kept = None
        self._sent[prompt.revision] = None
        while len(self._sent) > MOST_SENT:
            del self._sent[next(iter(self._sent))]
        if prompt.expires_s is not None and prompt.expires_s <= now_s:
            self._role = ""
            self._tell(prompt.revision, Fate.EXPIRED, now_s)
            return None
        return prompt

    def settled(self, receipt: wire.Receipt, now_s: float) -> None:
        """What the engine says became of a role. One that it refused may be given again."""
        fate = _FATES.get(receipt.outcome)
        if fate is Fate.APPLIED:
            self.in_force = max(self.in_force, receipt.revision)
        # The call is gone; or it is the persona's own role, which was no whisper.
        if fate is None or receipt.revision not in self._sent:
            return
        if fate is not Fate.APPLIED and receipt.revision == self._newest:
            self._role = ""
            self._newest -= fate is Fate.FAILED
        at_s = now_s if receipt.frame is None else receipt.frame * wire.FRAME_S
        why = "the engine refused it" if fate is Fate.FAILED else ""
        self._told.append(WhisperReceipt(receipt.revision, fate, at_s, receipt.frame, why))

    def told(self) -> list[WhisperReceipt]:
        """Receipts since this was asked last."""
        told, self._told = self._told, []
        return told

    def _tell(self, revision: int, fate: Fate, at_s: float) -> None:
        self._told.append(WhisperReceipt(revision, fate, at_s))
