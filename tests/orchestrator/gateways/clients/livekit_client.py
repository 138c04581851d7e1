"""LiveKit's own client of PersonaPlex's protocol (`livekit-plugins-nvidia`), unchanged, with files for both ends.

    python livekit_client.py HOST:PORT SPOKEN.wav HEARD.wav SECONDS ROLE

Runs in .venv-client-livekit. What the agent says as text goes to stdout.
"""

from __future__ import annotations

import asyncio
import sys
import wave

import aiohttp
from livekit import rtc
from livekit.plugins.nvidia.experimental.realtime import RealtimeModel

RATE_HZ = 24000
FRAME = RATE_HZ // 50


async def main() -> None:
    address, spoken, heard, seconds, role = sys.argv[1:]
    with wave.open(spoken) as file:
        pcm = file.readframes(file.getnframes())
    sound, readers = bytearray(), []
    async with aiohttp.ClientSession() as http:
        model = RealtimeModel(
            base_url=f"ws://{address}", voice="NATF2", text_prompt=role, seed=11, http_session=http
        )
        session = model.session()

        async def read(created: object) -> None:
            async for message in created.message_stream:  # type: ignore[attr-defined]

                async def words(stream: object = message.text_stream) -> None:
                    async for piece in stream:  # type: ignore[attr-defined]
                        print(piece, end="", flush=True)

                reading = asyncio.create_task(words())
                async for frame in message.audio_stream:
                    sound.extend(bytes(frame.data))
                await reading

        session.on("generation_created", lambda created: readers.append(asyncio.create_task(read(created))))
        session.on("error", lambda error: print(f"ERROR {error}", file=sys.stderr))
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in range(int(float(seconds) * 50)):
            block = pcm[number * FRAME * 2 : (number + 1) * FRAME * 2].ljust(FRAME * 2, b"\0")
            session.push_audio(rtc.AudioFrame(block, RATE_HZ, 1, FRAME))
            await asyncio.sleep(max(0.0, began + (number + 1) / 50 - loop.time()))
        await session.aclose()
        await asyncio.wait_for(asyncio.gather(*readers), 5)
    with wave.open(heard, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(bytes(sound))


if __name__ == "__main__":
    asyncio.run(main())
