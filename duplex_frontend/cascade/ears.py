"""A `Transcriber` on pocketsphinx: a grammar of what is expected beside an open vocabulary, each in a process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from duplex_frontend.cascade.belief import weigh
from duplex_frontend.cascade.ear import Ear, Trouble
from duplex_frontend.cascade.ear_pool import EarPool
from duplex_frontend.cascade.ear_wire import EarKind, Phrases
from duplex_frontend.cascade.noise_floor import NoiseFloor
from duplex_frontend.errors import FrontendError
from duplex_frontend.types import Expected, Hypothesis

PIECE_BYTES = 1920  # 60 ms: what the processes are woken for
LANGUAGES = ("en",)  # what there is a model for

Partial = Callable[[tuple[Hypothesis, ...]], None]


class PocketsphinxEars:
    """Both ears of one party in one call. Made by `start`."""

    def __init__(self, on_partial: Partial, believe: float) -> None:
        self._on_partial, self._believe = on_partial, believe
        self._noise_floor = NoiseFloor()
        self._piece = bytearray()
        self._listening = False
        self._ears: tuple[Ear, Ear]

    @classmethod
    async def start(
        cls,
        language: str,
        on_partial: Partial,
        on_trouble: Trouble,
        believe: float = 0.5,
        pool: EarPool | None = None,
    ) -> PocketsphinxEars:
        """Take two processes and wait until they listen.

        Args:
            language: BCP 47 tag of what the party speaks.
            on_partial: takes the words so far whenever they change, best reading first.
            on_trouble: takes what failed (part, why, whether it works again).
            believe: confidence from which the grammar's reading comes first, 0..1.
            pool: where processes are kept ready; without one they are started now.

        Raises:
            FrontendError: there is no model for the language, or the recogniser does not start.
        """
        if language.split("-")[0].lower() not in LANGUAGES:
            raise FrontendError(
                f"the embedded recogniser does not know {language!r}; it has a model for {', '.join(LANGUAGES)}"
            )
        pool = pool or EarPool()
        ears = cls(on_partial, believe)
        opened = await asyncio.gather(
            *(Ear.open(kind, pool, ears._tell, on_trouble) for kind in (EarKind.GRAMMAR, EarKind.OPEN)),
            return_exceptions=True,
        )
        failed = [result for result in opened if isinstance(result, BaseException)]
        if failed:
            await asyncio.gather(*(ear.aclose() for ear in opened if isinstance(ear, Ear)))
            raise failed[0]
        grammar, free = (ear for ear in opened if isinstance(ear, Ear))
        ears._ears = (grammar, free)
        return ears

    @property
    def process_ids(self) -> tuple[int, ...]:
        """Of the grammar's and the open ear's process, as far as they run."""
        return tuple(ear.process_id for ear in self._ears if ear.process_id is not None)

    def expect(self, expected: Expected) -> None:
        name = expected.name if expected.grammar else ""
        grammar, _ = self._ears
        grammar.expect(Phrases(name, expected.grammar, dict(expected.sounds)))

    def begin(self) -> None:
        self._piece.clear()
        self._listening = True
        for ear in self._ears:
            ear.begin()

    def feed(self, pcm: bytes) -> None:
        if not self._listening:
            return
        self._piece += pcm
        if len(self._piece) >= PIECE_BYTES:
            self._flush()

    async def end(self) -> tuple[Hypothesis, ...]:
        if not self._listening:
            return ()
        self._flush()
        self._listening = False
        grammar, free = await asyncio.gather(*(ear.end() for ear in self._ears))
        return weigh(grammar, free, self._believe)

    def cancel(self) -> None:
        self._listening = False
        for ear in self._ears:
            ear.cancel()

    async def settled(self) -> None:
        self._flush()
        await asyncio.gather(*(ear.settled() for ear in self._ears))

    async def aclose(self) -> None:
        self._listening = False
        await asyncio.gather(*(ear.aclose() for ear in self._ears))

    def _flush(self) -> None:
        whole = len(self._piece) // 2 * 2
        if not self._listening or not whole:
            return
        pcm = self._noise_floor.add(bytes(self._piece[:whole]))
        del self._piece[:whole]
        for ear in self._ears:
            ear.feed(pcm)

    def _tell(self) -> None:
        if self._listening:
            grammar, free = self._ears
            self._on_partial(weigh(grammar.partial, free.partial, self._believe))
