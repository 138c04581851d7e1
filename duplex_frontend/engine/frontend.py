"""The front-end `personaplex`: the port `DuplexFrontend` over an engine, near or far. No torch."""

from __future__ import annotations

from dataclasses import dataclass, field

from duplex_frontend.engine import wire
from duplex_frontend.engine.barge_in import BargeInTuning
from duplex_frontend.engine.call import EngineDuplexCall, Manner, Speech
from duplex_frontend.engine.client import Connect, EngineClient
from duplex_frontend.engine.turn_tuning import TurnTuning
from duplex_frontend.engine.vocabulary import Vocabulary
from duplex_frontend.types import Capabilities, Capacity, Drawing, Persona


@dataclass(frozen=True, slots=True)
class Tuning:
    """Thresholds of a call. Settings for a deployment."""

    turns: TurnTuning = field(default_factory=TurnTuning)
    barge_in: BargeInTuning = field(default_factory=BargeInTuning)


class PersonaPlex:
    """A `DuplexFrontend`. Made by `start`.

    Args:
        speech: who chooses the words; see `Speech`.
        tuning: thresholds where a call brings none of its own.
        voice: for personas that name none, or one that the engine lacks; empty for the engine's first.
    """

    def __init__(
        self, connect: Connect, client: EngineClient, speech: Speech, tuning: Tuning, voice: str
    ) -> None:
        self._connect, self._client = connect, client
        self._speech, self._tuning, self._voice = speech, tuning, voice
        self._vocabulary = Vocabulary.of(client.vocabulary)
        self._calls: set[EngineDuplexCall] = set()

    @classmethod
    async def start(
        cls,
        connect: Connect,
        *,
        speech: Speech = Speech.BETWEEN,
        tuning: Tuning | None = None,
        voice: str = "",
    ) -> PersonaPlex:
        """Connect to an engine.

        Raises:
            EngineLost: nobody answers there.
            EngineError, WireError: it lets us not in, or is no engine.
        """
        return cls(connect, await EngineClient.connect(connect), speech, tuning or Tuning(), voice)

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            rate_hz=wire.RATE_HZ,
            phrases_itself=self._speech is not Speech.LINES,
            says_exactly=True,
            takes_grammar=False,
            languages=("en-US",),
            count_tokens=self._vocabulary.count,
        )

    @property
    def capacity(self) -> Capacity:
        """The engine's rows; other orchestrators may have taken some of them."""
        return Capacity(self._client.welcome.rows, len(self._calls))

    async def open(self, persona: Persona, tuning: Tuning | None = None) -> EngineDuplexCall:
        """See the port. `tuning`: thresholds of this call, the deployment's where None.

        Raises:
            NoSeat, EngineLost
            PromptTooLong, BadVoice, EngineError: the engine does not take such a call.
        """
        if self._client.gone is not None:  # an engine may have been started since
            client = await EngineClient.connect(self._connect)
            self._client, self._vocabulary = client, Vocabulary.of(client.vocabulary)
        welcome = self._client.welcome
        seat = await self._client.open(
            wire.Open(
                call=0,
                role=persona.role,
                voice=self._voice_for(persona),
                flavour=welcome.family,
                draws=_draws(persona.drawing),
                revision=-1,
                quiet=self._speech is Speech.LINES,
            )
        )
        manner = Manner(
            speech=self._speech,
            turns=(tuning or self._tuning).turns,
            barge_in=(tuning or self._tuning).barge_in,
            stt_delay_s=welcome.hears_after_s if welcome.hears else None,
            reads_roles=welcome.family is wire.Flavour.PERSONAPLEX,
        )
        call = EngineDuplexCall(seat, self._vocabulary, manner, self._calls.discard)
        self._calls.add(call)
        return call

    async def aclose(self) -> None:
        for call in tuple(self._calls):
            await call.aclose()
        await self._client.aclose()

    def _voice_for(self, persona: Persona) -> str:
        return persona.voice or self._voice


def _draws(drawing: Drawing) -> wire.Draws:
    told = {
        "seed": drawing.seed,
        "text_temperature": drawing.text_temperature,
        "text_top_k": drawing.text_top_k,
        "audio_temperature": drawing.audio_temperature,
        "audio_top_k": drawing.audio_top_k,
    }
    return wire.Draws.model_validate({name: value for name, value in told.items() if value is not None})
