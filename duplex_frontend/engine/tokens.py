"""The 17 tokens of a frame, where each stream stands in them, and the constants of the hybrid prompt.

A frame is 80 ms: [text, agent audio 8, caller audio 8]. The first codebook of a stream stands at the frame's
own position, the other seven one position later (`DELAYS`). A *column* is what the model reads at a position.
"""

from __future__ import annotations

from typing import Final

FRAME_SAMPLES: Final = 1920  # 80 ms at 24 kHz
RATE_HZ: Final = 24_000
FRAMES_PER_S: Final = 12.5

CODEBOOKS: Final = 8  # audio codebooks of one side
K: Final = 1 + 2 * CODEBOOKS  # tokens in a frame
TEXT: Final = 0
AGENT: Final = slice(1, 1 + CODEBOOKS)
CALLER: Final = slice(1 + CODEBOOKS, K)
CALLER_FIRST: Final = 1 + CODEBOOKS

DELAYS: Final = (0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1)

EPAD: Final = 0  # "a word starts in the next frame"
PAD: Final = 3  # no text in this frame

# What the model was trained to see in a prompt: agent silence, and a tone where the caller will be.
SILENCE: Final = (948, 243, 1178, 546, 1736, 1030, 1978, 2008)
SINE: Final = (430, 1268, 381, 1611, 1095, 1495, 56, 472)
SILENCE_FRAMES: Final = 6  # after the voice, and again after the role text
