"""What every transcriber promises. Add an adapter by adding it to ADAPTERS."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import anyio
import pytest

from duplex_frontend.cascade.ears import PocketsphinxEars
from duplex_frontend.ports import Transcriber
from duplex_frontend.types import ANYTHING, Expected, Hypothesis
from tests.duplex_frontend.speech import as_pcm, hiss, pieces, quiet, utterance

pytestmark = pytest.mark.anyio

Partials = list[tuple[Hypothesis, ...]]
Start = Callable[[Callable[[tuple[Hypothesis, ...]], None]], Awaitable[Transcriber]]

YES_NO = Expected("yes_no", "#JSGF V1.0;\ngrammar yes_no;\npublic <said> = (yes | no) [please | thanks];\n")
CITIES = Expected("cities", "#JSGF V1.0;\ngrammar cities;\npublic <said> = boston | chicago | denver;\n")
BROKEN = Expected("broken", "#JSGF V1.0;\ngrammar broken;\npublic <said> = (yes |;\n")
QUESTION = "where can i park my car"


async def pocketsphinx(on_partial: Callable[[tuple[Hypothesis, ...]], None]) -> Transcriber:
    return await PocketsphinxEars.start("en-US", on_partial, lambda *_: None)


ADAPTERS: dict[str, Start] = {"pocketsphinx": pocketsphinx}


@dataclass(slots=True)
class Party:
    """A transcriber and what it told while it listened."""

    transcriber: Transcriber
    partials: Partials = field(default_factory=list)

    async def hears(self, pcm: bytes) -> tuple[Hypothesis, ...]:
        """Give a whole utterance as fast as it is listened to."""
        self.partials.clear()
        self.transcriber.begin()
        for piece in pieces(pcm):
            self.transcriber.feed(piece)
            await self.transcriber.settled()
        return await self.transcriber.end()

    async def words(self, pcm: bytes) -> str:
        heard = await self.hears(pcm)
        return heard[0].text if heard else ""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module", params=ADAPTERS)
async def started(request: pytest.FixtureRequest) -> AsyncIterator[Party]:
    partials: Partials = []
    transcriber = await ADAPTERS[request.param](partials.append)
    yield Party(transcriber, partials)
    await transcriber.aclose()


@pytest.fixture
async def party(started: Party) -> AsyncIterator[Party]:
    started.transcriber.cancel()
    started.transcriber.expect(ANYTHING)
    with anyio.fail_after(60):
        yield started


async def test_what_is_expected_is_understood(party: Party) -> None:
    party.transcriber.expect(YES_NO)
    assert await party.words(utterance("yes please")) == "yes please"
    assert await party.words(utterance("no thanks", "rms")) == "no thanks"


async def test_anything_is_understood_where_nothing_is_expected(party: Party) -> None:
    assert set(QUESTION.split()) & set((await party.words(utterance(QUESTION))).split()) >= {
        "where",
        "my",
        "car",
    }


async def test_what_was_not_expected_is_not_taken_for_what_was(party: Party) -> None:
    party.transcriber.expect(CITIES)
    assert "where" in await party.words(utterance(QUESTION))


async def test_an_expectation_counts_from_the_next_utterance_on(party: Party) -> None:
    party.transcriber.expect(CITIES)
    assert await party.words(utterance("chicago")) == "chicago"
    party.transcriber.begin()
    party.transcriber.expect(YES_NO)
    for piece in pieces(utterance("denver")):
        party.transcriber.feed(piece)
    (first, *_) = await party.transcriber.end()
    assert first.text == "denver"
    assert await party.words(utterance("no thanks")) == "no thanks"


async def test_a_grammar_that_does_not_compile_is_left_out(party: Party) -> None:
    party.transcriber.expect(BROKEN)
    assert "where" in await party.words(utterance(QUESTION))


async def test_words_come_while_the_party_speaks(party: Party) -> None:
    party.transcriber.expect(YES_NO)
    await party.hears(utterance("yes please"))
    firsts = [hypotheses[0].text for hypotheses in party.partials]
    assert len(firsts) >= 2
    assert "yes please" in [h.text for hypotheses in party.partials for h in hypotheses]


async def test_hypotheses_carry_a_confidence_and_no_empty_words(party: Party) -> None:
    party.transcriber.expect(YES_NO)
    heard = await party.hears(utterance("yes please"))
    for hypotheses in (heard, *party.partials):
        assert all(0 <= h.confidence <= 1 and h.text.strip() == h.text != "" for h in hypotheses)
        assert len({h.source for h in hypotheses}) == len(hypotheses)


async def test_silence_and_noise_are_no_words(party: Party) -> None:
    party.transcriber.expect(YES_NO)
    assert await party.hears(as_pcm(quiet(1.0))) == () or await party.words(as_pcm(quiet(1.0))) == ""
    assert "yes" not in await party.words(as_pcm(hiss(1.0, 0.02)))


async def test_an_utterance_without_sound_is_nothing(party: Party) -> None:
    party.transcriber.begin()
    assert await party.transcriber.end() == ()


async def test_an_end_without_a_beginning_is_nothing(party: Party) -> None:
    assert await party.transcriber.end() == ()


async def test_sound_outside_an_utterance_is_not_listened_to(party: Party) -> None:
    party.transcriber.expect(YES_NO)
    for piece in pieces(utterance("no thanks")):
        party.transcriber.feed(piece)
    assert await party.words(utterance("yes please")) == "yes please"


async def test_an_utterance_that_was_cancelled_is_forgotten(party: Party) -> None:
    party.transcriber.expect(YES_NO)
    party.transcriber.begin()
    party.transcriber.feed(utterance("no thanks"))
    party.transcriber.cancel()
    assert await party.transcriber.end() == ()
    assert await party.words(utterance("yes please")) == "yes please"


async def test_a_beginning_forgets_what_went_before(party: Party) -> None:
    party.transcriber.expect(YES_NO)
    party.transcriber.begin()
    party.transcriber.feed(utterance("no thanks"))
    assert await party.words(utterance("yes please")) == "yes please"


@pytest.mark.parametrize("ms", [1, 33, 5000])
async def test_the_size_of_the_pieces_makes_no_difference(party: Party, ms: int) -> None:
    party.transcriber.expect(YES_NO)
    party.transcriber.begin()
    for piece in pieces(utterance("yes please"), ms):
        party.transcriber.feed(piece)
    assert (await party.transcriber.end())[0].text == "yes please"


async def test_the_same_utterances_are_heard_the_same_again(party: Party) -> None:
    """Faster than real time too, with nothing that depends on when a process was scheduled."""
    party.transcriber.expect(YES_NO)
    await party.hears(utterance("yes please"))
    assert await party.words(utterance("no thanks")) == await party.words(utterance("no thanks"))


async def test_what_was_settled_needs_no_more_time(party: Party) -> None:
    party.transcriber.begin()
    party.transcriber.feed(utterance(QUESTION))
    await party.transcriber.settled()
    with anyio.fail_after(0.5):
        assert await party.transcriber.end()


@pytest.mark.parametrize("start", ADAPTERS.values(), ids=ADAPTERS)
async def test_it_may_be_closed_twice_and_in_the_middle_of_an_utterance(start: Start) -> None:
    transcriber = await start(lambda _: None)
    transcriber.begin()
    transcriber.feed(utterance("yes please"))
    await transcriber.aclose()
    await transcriber.aclose()
    transcriber.feed(b"\0\0")
    assert await transcriber.end() == ()
