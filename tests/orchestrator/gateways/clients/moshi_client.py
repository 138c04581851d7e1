"""Kyutai's own client, `moshi.client`, unchanged, with a recording for a microphone and a file for a loudspeaker.

    python moshi_client.py HOST:PORT SPOKEN.wav HEARD.wav SECONDS

Runs in .venv-client-moshi. What the agent says as text goes to stdout, as that client prints it.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import sys
import threading
import time
import types
import wave
from collections.abc import Callable
from typing import Any

import numpy as np

# The package's first act is to load its models, and torch with them; its client needs neither.
found = importlib.util.find_spec("moshi")
assert found is not None and found.submodule_search_locations is not None, "run `tools/setup.sh clients`"
package = types.ModuleType("moshi")
package.__path__ = list(found.submodule_search_locations)
sys.modules["moshi"] = package

import moshi.client as client  # noqa: E402
from moshi.client_utils import RawPrinter  # noqa: E402

RATE_HZ = 24000


class Device:
    """A sound device without a sound card: calls back each `blocksize` samples, at the pace of real time."""

    def __init__(
        self, samplerate: float, channels: int, blocksize: int, callback: Callable[..., None]
    ) -> None:
        assert (samplerate, channels) == (RATE_HZ, 1)
        self._blocksize, self._callback = blocksize, callback
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Device:
        self._thread.start()
        return self

    def __exit__(self, *_why: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        began, blocks = time.monotonic(), 0
        while not self._over.is_set():
            self._block(blocks)
            blocks += 1
            time.sleep(max(0.0, began + blocks * self._blocksize / RATE_HZ - time.monotonic()))

    def _block(self, number: int) -> None:
        raise NotImplementedError


class Microphone(Device):
    spoken = np.zeros(0, np.float32)  # as long as the call

    def _block(self, number: int) -> None:
        if (number + 10) * self._blocksize > len(self.spoken):
            return  # the client complains of what it sends while it hangs up
        block = np.zeros((self._blocksize, 1), np.float32)
        part = self.spoken[number * self._blocksize : (number + 1) * self._blocksize]
        block[: len(part), 0] = part
        self._callback(block, self._blocksize, None, None)


class Loudspeaker(Device):
    heard: list[np.ndarray] = []  # noqa: RUF012

    def _block(self, number: int) -> None:
        block = np.zeros((self._blocksize, 1), np.float32)
        self._callback(block, self._blocksize, None, None)
        self.heard.append(block[:, 0].copy())


def main() -> None:
    address, spoken, heard, seconds = sys.argv[1:]
    with wave.open(spoken) as file:
        Microphone.spoken = (
            np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768
        )
    devices: Any = client.sd
    devices.InputStream, devices.OutputStream = Microphone, Loudspeaker
    host, port = address.split(":")
    asked = argparse.Namespace(host=host, port=int(port), https=False, url=None)

    async def call() -> None:
        try:
            await asyncio.wait_for(client.run(RawPrinter(), asked), float(seconds))
        except TimeoutError:
            return  # hung up

    asyncio.run(call())
    said = np.concatenate(Loudspeaker.heard) if Loudspeaker.heard else np.zeros(0, np.float32)
    with wave.open(heard, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((np.clip(said, -1, 1) * 32767).astype("<i2").tobytes())


if __name__ == "__main__":
    main()
