"""What a call over the stage is promised, with the real batch and the tiny model; the clock is turned by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
import pytest

pytest.importorskip("moshi", reason="the engine's tests run in .venv-engine (tools/setup.sh engine)")

from duplex_frontend.engine import wire
from duplex_frontend.engine.director import Director
from duplex_frontend.engine.errors import BadVoice, PromptTooLong
from duplex_frontend.engine.prompt import Prompt, SpokenVoice, wrapped
from duplex_frontend.engine.prompter import open_stage
from duplex_frontend.engine.sampling import Sampling
from duplex_frontend.engine.tokens import TEXT
from duplex_frontend.errors import NoSeat
from tests.engine.alone import model, noise
from tests.engine.in_process import WINDOW, Driven, driven, np_codes, served

ROLE = "You work for the clinic and your name is Ada."


def held(scenario: Callable[[Driven], Awaitable[None]], **more: float) -> None:
    async def main() -> None:
        async with driven(**more) as engine:
            await scenario(engine)

    asyncio.run(main())


def test_a_call_sounds_as_on_the_bare_batch() -> None:
    """Wire, queues and guides in between change no bit."""
    sound = noise(5, 30)
    one = model()
    batch, prompter = open_stage(one, 2, window=WINDOW, history=60, room=40)
    prompt = Prompt(SpokenVoice("six", np_codes()), wrapped(ROLE, one.tokenizer.encode))
    seat, director = prompter.seat(Sampling(seed=11), prompt), Director()
    batch.guide(seat, director)
    director.hold(5)
    while not batch.rows.at(seat).joined:
        prompter.pump(0)
    director.hold(0)
    bare = [batch.tick({seat: frame})[seat] for frame in sound]

    async def scenario(engine: Driven) -> None:
        call = await engine.open(role=ROLE, voice="six", draws={"seed": 11})
        call.hold(0)
        for frame in sound:
            call.sound(frame)
            await engine.pass_frames()
        frames = await engine.frames(call)
        assert [f.number for f, _ in frames] == list(range(len(sound)))
        assert [f.token for f, _ in frames] == [int(said.frame[TEXT]) for said in bare]
        for (_, body), said in zip(frames, bare, strict=True):
            assert np.array_equal(np.frombuffer(body, "<f4"), said.sound)

    held(scenario)


def test_a_starved_call_hears_silence_and_counts_it() -> None:
    async def scenario(engine: Driven) -> None:
        call = await engine.open()
        call.sound(noise(1, 1)[0][:960])
        await engine.pass_frames(3, late_ms=90.0)
        frames = [frame for frame, _ in await engine.frames(call)]
        assert [(f.sound_from, f.sound) for f in frames] == [(0, 960), (960, 0), (960, 0)]
        assert [f.late_ms for f in frames] == [90.0] * 3
        await call.aclose()
        await engine.pass_frames()

    held(scenario)


def test_a_line_is_confirmed_word_by_word_and_a_hush_says_where_it_stopped() -> None:
    async def scenario(engine: Driven) -> None:
        call = await engine.open(quiet=True)
        call.say(0, ("Good", "morning", "to", "you."))
        await engine.pass_frames(70)
        (over,) = await engine.of(call, wire.LineOver)
        assert isinstance(over, wire.LineOver) and (over.spoken, over.stopped) == (4, False)
        spoken = [(f.line, word) for f, _ in await engine.frames(call) for word in f.spoken]
        assert spoken == [(0, n) for n in range(4)]

        call.say(1, ("We", "are", "open", "from", "nine", "to", "five", "every", "day."))
        while not any(3 in f.spoken and f.line == 1 for f, _ in await engine.frames(call)):
            await engine.pass_frames()
        call.hush(3)
        await engine.pass_frames(4)
        over = (await engine.of(call, wire.LineOver))[-1]
        assert isinstance(over, wire.LineOver)
        assert over.line == 1 and over.stopped and 4 <= over.spoken <= over.started <= 6
        after = [f.token for f, _ in (await engine.frames(call))[-2:]]
        assert after == [3, 3]

    held(scenario)


def test_what_cannot_be_written_is_left_out_and_said() -> None:
    async def scenario(engine: Driven) -> None:
        call = await engine.open(quiet=True)
        call.say(0, ("日本", "語"))
        await engine.pass_frames(2)
        call.say(1, ("say", "日本", "now"))
        await engine.pass_frames(50)
        nothing, some = await engine.of(call, wire.LineOver)
        assert isinstance(nothing, wire.LineOver) and isinstance(some, wire.LineOver)
        assert (nothing.line, nothing.started, nothing.left_out) == (0, 0, (0, 1))
        assert (some.spoken, some.left_out, some.stopped) == (3, (1,), False)
        assert [w for f, _ in await engine.frames(call) for w in f.spoken] == [0, 2]

    held(scenario)


def test_a_whisper_lands_and_its_receipt_says_where() -> None:
    async def scenario(engine: Driven) -> None:
        call = await engine.open(role=ROLE, voice="six")
        await engine.pass_frames(10)
        call.whisper(3, "You work for the clinic. Information: we open at nine.")
        call.whisper(4, "You work for the clinic. Information: we close at five.")
        call.whisper(2, "You work for nobody.")
        call.whisper(9, "x " * 900)
        await engine.pass_frames(10)
        receipts = {r.revision: r for r in await engine.of(call, wire.Receipt) if isinstance(r, wire.Receipt)}
        assert receipts[3].outcome == receipts[2].outcome == wire.Outcome.SUPERSEDED
        assert receipts[9].outcome is wire.Outcome.REFUSED and str(WINDOW) in receipts[9].text
        landed = receipts[4]
        assert landed.outcome is wire.Outcome.LANDED and landed.frame is not None and 10 <= landed.frame <= 16
        numbers = [f.number for f, _ in await engine.frames(call)]
        assert numbers == list(range(len(numbers)))

    held(scenario)


def test_a_whisper_that_came_too_late_does_not_land() -> None:
    now = [100.0]
    engine = served(now=lambda: now[0])

    async def scenario() -> None:
        async with driven(engine) as on:
            call = await on.open(role=ROLE)
            await on.pass_frames(25)  # 2 s of the call
            call.whisper(1, "You work for the clinic.", expires_s=1.0)
            await on.pass_frames(6)
            call.whisper(2, "You work for the clinic, now.", expires_s=9.0)
            await on.pass_frames(6)
            outcomes = {
                r.revision: r.outcome for r in await on.of(call, wire.Receipt) if isinstance(r, wire.Receipt)
            }
            assert outcomes[1] is wire.Outcome.EXPIRED and outcomes[2] is wire.Outcome.LANDED

    asyncio.run(scenario())


def test_a_full_stage_says_so_before_the_next_tick_and_a_freed_seat_is_free_at_once() -> None:
    async def scenario(engine: Driven) -> None:
        calls = [await engine.open(), await engine.open()]
        with pytest.raises(NoSeat, match="all 2 seats"):
            await asyncio.wait_for(engine.client.open(wire.Open(call=0)), 1)  # no tick passes
        for _ in range(5):
            await calls.pop(0).aclose()
            calls.append(await engine.open())
        await engine.pass_frames(3)
        assert [len(await engine.frames(call)) > 0 for call in calls] == [True, True]
        assert engine.served.stage.free == 0

    held(scenario)


def test_a_prompt_that_is_too_long_is_refused_with_its_size_and_takes_no_seat() -> None:
    async def scenario(engine: Driven) -> None:
        with pytest.raises(PromptTooLong) as refused:
            await engine.open(role="clinic " * 300)
        assert refused.value.window == WINDOW and refused.value.frames > WINDOW
        with pytest.raises(BadVoice, match="six"):
            await engine.open(voice="nobody")
        assert engine.served.stage.free == 2

    held(scenario)


def test_calls_that_come_and_go_between_two_ticks_leave_nothing_behind() -> None:
    async def scenario(engine: Driven) -> None:
        for _ in range(3):
            opening = [asyncio.create_task(engine.client.open(wire.Open(call=0))) for _ in range(2)]
            await asyncio.sleep(0.01)
            for task in opening:
                task.cancel()
            await asyncio.gather(*opening, return_exceptions=True)
            await asyncio.sleep(0.01)
            assert engine.served.stage.free == 2
        await engine.pass_frames(2)
        await engine.open()
        await engine.open()

    held(scenario)
