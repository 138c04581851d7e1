"""Echo cancelling and noise suppression for a microphone that has no browser or phone in front of it.

WebRTC's audio processing (AEC3 and its noise suppressor) as `livekit` packs it; the extra `echo`. Nothing is sent
anywhere: of the package only this one part is used.
"""

from __future__ import annotations

from typing import Any

from duplex_frontend.audio import from_bytes, to_bytes
from duplex_frontend.errors import FrontendError
from duplex_frontend.types import Block

FRAMES_A_SECOND = 100  # WebRTC works on 10 ms
RATES_HZ = (8_000, 16_000, 32_000, 48_000)


class NoEchoCanceller(FrontendError):
    """Echo cancelling was chosen and its package is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "echo cancelling needs the package 'livekit': `pip install 'souffleur[echo]'`, or turn it off"
        )


class EchoCanceller:
    """Takes the agent's own voice, and noise, out of what the microphone hears.

    It learns the way from loudspeaker to microphone within the first second or so of the agent's speech, and
    follows its changes. The first use in a process takes about 0.3 s for the import.

    Args:
        rate_hz: of the blocks: 8, 16, 32 or 48 kHz.
        cancel_echo: take out what the agent said.
        suppress_noise: take out steady noise.
        delay_ms: about how long what was said takes to be heard, where it is known; found out otherwise.

    Raises:
        NoEchoCanceller: the extra is not installed.
        ValueError: a rate that WebRTC does not know.
    """

    def __init__(
        self, rate_hz: int, *, cancel_echo: bool = True, suppress_noise: bool = True, delay_ms: int = 0
    ) -> None:
        if rate_hz not in RATES_HZ:
            raise ValueError(f"echo cancelling works at {RATES_HZ} Hz, not at {rate_hz}")
        try:
            from livekit import rtc
        except ImportError as error:
            raise NoEchoCanceller from error
        self._frame: Any = rtc.AudioFrame
        self._rate_hz = rate_hz
        self._samples = rate_hz // FRAMES_A_SECOND
        self._cancels = cancel_echo
        self._processor: Any = rtc.AudioProcessingModule(
            echo_cancellation=cancel_echo, noise_suppression=suppress_noise, high_pass_filter=cancel_echo
        )
        if cancel_echo:
            self._processor.set_stream_delay_ms(delay_ms)

    def process(self, heard: Block, said: Block) -> Block:
        """Clean a block.

        Args:
            heard: float32 [samples] from the microphone, a whole number of 10 ms.
            said: float32 [samples] that went to the loudspeaker in the same block of time, or a little earlier.

        Returns:
            float32 [samples]: `heard` without echo and noise, 11 ms late (17 ms where noise is suppressed).

        Raises:
            ValueError: the two differ in length, or are not a whole number of 10 ms.
        """
        if heard.shape != said.shape or len(heard) % self._samples:
            raise ValueError(
                f"blocks of {self._samples} samples (10 ms) or a multiple, not {heard.shape} and {said.shape}"
            )
        cleaned = bytearray()
        for start in range(0, len(heard), self._samples):
            now = slice(start, start + self._samples)
            if self._cancels:
                self._processor.process_reverse_stream(self._as_frame(bytearray(to_bytes(said[now]))))
            frame = bytearray(to_bytes(heard[now]))
            self._processor.process_stream(self._as_frame(frame))  # works in place
            cleaned += frame
        return from_bytes(bytes(cleaned))

    def _as_frame(self, samples: bytearray) -> Any:
        return self._frame(samples, self._rate_hz, 1, self._samples)
