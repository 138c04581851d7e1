"""The keys that a caller presses in a call with audio. They come one by one; what they make up is answered as a turn."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import anyio

from duplex_frontend.types import BLOCK_S, CallerTurn, Hypothesis, Source
from flows.schema import Flow
from reasoner.acts import Disclose
from reasoner.state import GoalState
from reasoner.understand.keypad import END, MOST_KEYS, all_keyed

KEY_PAUSE_S = 2.0
"""An entry that is not whole by itself is over after this long without a key.

Who says a number has 0.9 s between two figures (`Endpoint.middle_ms`). A finger looks for its key, and the eyes go
back to a card or a letter: that takes about twice as long.
"""
UNREAD_KEYS = 10 * MOST_KEYS
TOLD_WITHIN_S = BLOCK_S  # how much of the agent's words was heard when a key cut them off


class Keypad:
    """Of one call. `press` keys; `run` it beside the call, to have what they make up answered.

    Args:
        state: of the call, as it stands.
        now_s: in the call's audio clock.
        hush: stops the agent's voice.
        answer: takes a turn of the caller, and returns once it was thought through.

    Attributes:
        busy: an entry has begun and was not answered yet. Its caller is not silent, though nothing is heard.
    """

    def __init__(
        self,
        flow: Flow,
        state: Callable[[], GoalState],
        now_s: Callable[[], float],
        hush: Callable[[], None],
        answer: Callable[[CallerTurn], Awaitable[None]],
    ) -> None:
        self.busy = False
        self._flow = flow
        self._state = state
        self._now_s = now_s
        self._hush = hush
        self._answer = answer
        self._pressed: asyncio.Queue[tuple[str, float]] = asyncio.Queue(UNREAD_KEYS)
        self._may_end = False  # the last entry was whole without its `#`, which may still come

    def press(self, keys: str) -> None:
        """The caller pressed these, one after the other. Never blocks; what nobody can take any more is left out."""
        for key in keys:
            if not self._pressed.full():
                self._pressed.put_nowait((key, self._now_s()))

    async def run(self) -> None:
        """Make entries of the keys. Cancel to end."""
        while True:
            key, at_s = await self._pressed.get()
            ends_the_last, self._may_end = key == END and self._may_end, False
            if ends_the_last or self._state().outcome is not None:
                continue  # its last words are not to be cut off
            self.busy = True
            turn = await self._entry(key, at_s)
            # What was cut off is told first: who agrees to what was not read out yet has agreed to nothing.
            await asyncio.sleep(TOLD_WITHIN_S)
            await self._answer(turn)
            self.busy = False

    async def _entry(self, keys: str, start_s: float) -> CallerTurn:
        end_s = start_s
        self._interrupt(first=True)
        while not all_keyed(self._flow, self._state(), keys):
            with anyio.move_on_after(KEY_PAUSE_S) as pause:
                key, end_s = await self._pressed.get()
            if pause.cancelled_caught:
                break
            keys += key
            self._interrupt(first=False)
        self._may_end = not keys.endswith(END)
        return CallerTurn((Hypothesis(keys, 1.0, Source.KEYPAD),), start_s, end_s, self._now_s())

    def _interrupt(self, *, first: bool) -> None:
        """A key stops the voice. What has to be said whole begins again then, and only so often: once an entry."""
        if first or not any(isinstance(act, Disclose) for act in self._state().acts):
            self._hush()
