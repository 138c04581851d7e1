"""The front-end `rehearsal`: the port over actors that stand in for a duplex model. A simulation, and named so."""

from __future__ import annotations

from duplex_frontend.errors import NoSeat
from duplex_frontend.rehearsal.actor import Actor
from duplex_frontend.rehearsal.call import RATE_HZ, RehearsalCall
from duplex_frontend.rehearsal.rates import FAITHFUL, Rates
from duplex_frontend.types import BLOCK_S, Capabilities, Capacity, Persona


class Rehearsal:
    """A `DuplexFrontend`.

    Args:
        seats: calls at once.
        rates: how well the actors play.
        seed: of the first call's actor; each further call has the next.
        whispered: actors get every whisper; else the first alone.
        tick_s: see `RehearsalCall`.
    """

    def __init__(
        self,
        rates: Rates = FAITHFUL,
        *,
        seats: int = 4,
        seed: int = 0,
        whispered: bool = True,
        tick_s: float = BLOCK_S,
    ) -> None:
        self._rates, self._seats, self._seed = rates, seats, seed
        self._whispered, self._tick_s = whispered, tick_s
        self._calls: set[RehearsalCall] = set()

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            rate_hz=RATE_HZ,
            phrases_itself=True,
            says_exactly=True,
            takes_grammar=False,
            languages=("en-US",),
            hears_itself=self._rates.hears_itself,
        )

    @property
    def capacity(self) -> Capacity:
        return Capacity(self._seats, len(self._calls))

    async def open(self, persona: Persona) -> RehearsalCall:
        """See the port.

        Raises:
            NoSeat
        """
        if len(self._calls) >= self._seats:
            raise NoSeat(self._seats)
        actor = Actor(self._rates, self._seed, whispered=self._whispered)
        self._seed += 1
        call = RehearsalCall(actor, self._rates, self._tick_s, self._calls.discard)
        self._calls.add(call)
        return call

    async def aclose(self) -> None:
        for call in tuple(self._calls):
            await call.aclose()
