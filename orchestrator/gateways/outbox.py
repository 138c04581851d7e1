"""What waits to go out to one client: words that all arrive, and audio that is dropped when it gets old."""

from __future__ import annotations

from collections import deque

import anyio


class Outbox:
    """Between those who make a call's audio and words, who never wait for long, and one sender.

    Words overtake audio. Both are bounded: of more than `audio_limit` blocks the oldest goes, and is counted;
    whoever adds words to more than `words_limit` waits for room.
    """

    def __init__(self, audio_limit: int, words_limit: int) -> None:
        self._audio: deque[bytes] = deque()
        self._words: deque[str] = deque()
        self._audio_limit = audio_limit
        self._words_limit = words_limit
        self._something = anyio.Event()
        self._room = anyio.Event()
        self._closed = False
        self._untold = 0
        self.dropped_blocks = 0

    def put_audio(self, block: bytes) -> None:
        """Add a block. Never waits."""
        if len(self._audio) >= self._audio_limit:
            self._audio.popleft()
            self.dropped_blocks += 1
            self._untold += 1
        self._audio.append(block)
        self._something.set()

    async def put_words(self, words: str) -> None:
        """Add words; waits while there is no room."""
        while len(self._words) >= self._words_limit:
            self._room = anyio.Event()
            await self._room.wait()
        self._words.append(words)
        self._something.set()

    def forget_audio(self) -> None:
        """What the agent was cut off from saying is not said late."""
        self._audio.clear()

    def close(self) -> None:
        """Nothing more will come; what is there still goes out."""
        self._closed = True
        self._something.set()

    async def next(self) -> bytes | str | None:
        """The next to go out: words before audio. None when closed and empty. One reader."""
        while True:
            if self._words:
                words = self._words.popleft()
                self._room.set()
                return words
            if self._audio:
                return self._audio.popleft()
            if self._closed:
                return None
            self._something = anyio.Event()
            await self._something.wait()

    def dropped_since_told(self) -> int:
        """Blocks dropped, once the worst is over or a whole queue of them is gone; else 0. Counts anew then."""
        if self._untold and (len(self._audio) < self._audio_limit // 2 or self._untold >= self._audio_limit):
            untold, self._untold = self._untold, 0
            return untold
        return 0
