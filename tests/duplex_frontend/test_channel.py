"""A bounded queue that never makes its producer wait."""

import anyio

from duplex_frontend.channel import Channel


async def read(channel: Channel[int]) -> list[int]:
    return [item async for item in channel]


def test_items_come_in_order_and_the_end_is_told() -> None:
    async def scenario() -> None:
        channel: Channel[int] = Channel(10)
        for n in range(3):
            channel.put(n)
        channel.close()
        channel.put(99)
        assert await read(channel) == [0, 1, 2]

    anyio.run(scenario)


def test_of_too_many_the_oldest_goes_and_is_counted() -> None:
    async def scenario() -> None:
        channel: Channel[int] = Channel(3)
        for n in range(5):
            channel.put(n)
        channel.close()
        assert await read(channel) == [2, 3, 4] and channel.dropped == 2

    anyio.run(scenario)


def test_a_reader_waits_for_what_comes() -> None:
    async def scenario() -> None:
        channel: Channel[int] = Channel(3)
        seen: list[int] = []

        async def reader() -> None:
            async for item in channel:
                seen.append(item)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(reader)
            await anyio.sleep(0.01)
            channel.put(1)
            await anyio.sleep(0.01)
            assert seen == [1]
            channel.close()

    anyio.run(scenario)
