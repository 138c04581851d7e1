"""What the calls of one process share, and how a call is made of it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import date

from duplex_frontend.ports import DuplexCall, DuplexFrontend
from duplex_frontend.types import Capabilities
from duplex_frontend.wav import StereoRecording
from flows.loader import LoadedFlow
from memory.ports import SessionStore
from memory.types import SessionKey
from orchestrator.acquaintance import Acquaintance, Register
from orchestrator.actions.run import Actions
from orchestrator.repertoire import Repertoire
from orchestrator.saver import Saver
from orchestrator.session import Session
from orchestrator.settings import Settings
from orchestrator.story import Story
from orchestrator.taken_up import TakenUp
from orchestrator.telling import Teller
from orchestrator.tenure import Tenure
from reasoner.events import CallStarted
from reasoner.ports import Ports, Understander
from reasoner.types import PromptShape


@dataclass(frozen=True, slots=True)
class Equipment:
    """Attributes:
    sessions: where calls are kept.
    register: where callers are.
    repertoire: the flows that are ready.
    """

    settings: Settings
    frontend: DuplexFrontend
    sessions: SessionStore
    register: Register
    repertoire: Repertoire
    actions: Actions
    understander: Understander

    async def session(
        self,
        loaded: LoadedFlow,
        call: DuplexCall,
        key: SessionKey,
        tenure: Tenure | None = None,
        taken_up: TakenUp | None = None,
        number: str = "",
    ) -> Session:
        """Make a session of a call whose line is open.

        Args:
            tenure: our right to lead it, None where nobody else could.
            taken_up: what another process left of it, None for a new one.
            number: that rings, "" where it is withheld.
        """
        able = self.frontend.capabilities
        teller = Teller(loaded.flow, Story(), missing=missing_from(able))
        flow = loaded.flow
        recall = self.repertoire.recall(loaded, teller.looked_up)
        opening = taken_up.opening if taken_up else CallStarted(today=date.today().isoformat(), number=number)
        acquaintance = Acquaintance(
            self.register,
            key.tenant,
            flow,
            opening.number,
            lambda what: teller.trouble("callers", what),
            recall.admit,
        )
        if taken_up:
            await acquaintance.go_on(opening)
        else:
            opening = replace(opening, given=await acquaintance.at_start())
        return Session(
            key=key,
            call=call,
            rate_hz=able.rate_hz,
            ports=Ports(
                flow,
                self.understander,
                recall,
                count_tokens=able.count_tokens,
                shape=PromptShape.INSTRUCTIONS if able.reads_instructions else PromptShape.ROLE,
                ahead=recall,
            ),
            act=lambda effect: self.actions.run(flow, effect),
            saver=Saver(
                self.sessions,
                lambda what, recovered: teller.trouble("memory", what, recovered=recovered),
                tenure=tenure,
                seen=taken_up.state.revision if taken_up else 0,
                events=taken_up.events if taken_up else (),
                moments=taken_up.moments if taken_up else (),
            ),
            teller=teller,
            tenure=tenure,
            taken_up=taken_up,
            grace_s=self.settings.server.grace_s,
            recording=self._recording(key),
            capabilities=able,
            opening=opening,
            acquaintance=acquaintance,
            level=self.settings.privacy.redact,
        )

    def _recording(self, key: SessionKey) -> StereoRecording | None:
        if not self.settings.data.record_audio:
            return None
        folder = self.settings.data.recordings
        folder.mkdir(parents=True, exist_ok=True)
        # A call that was taken up has several: nobody may write over what another process recorded.
        names = (f"{key.call}.{leg}.wav" if leg > 1 else f"{key.call}.wav" for leg in itertools.count(1))
        return StereoRecording(
            next(folder / name for name in names if not (folder / name).exists()),
            self.frontend.capabilities.rate_hz,
        )


def missing_from(able: Capabilities) -> dict[str, str]:
    """What a call has to do without on this front-end, by part."""
    if able.phrases_itself and able.count_tokens is None:
        return {"tokenizer": "the model's is not there; prompts are cut by a guess on the safe side"}
    return {}
