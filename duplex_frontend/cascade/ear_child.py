"""The process in which a recogniser lives: `python -m duplex_frontend.cascade.ear_child --ear grammar`.

It takes utterances on stdin and gives readings on stdout (`ear_wire.py`), and ends when its stdin closes. What is
logged on its stderr its owner keeps for the day it dies.
"""

from __future__ import annotations

import argparse
import os
import signal
from collections.abc import Iterable

from duplex_frontend.cascade.ear_listener import Listener
from duplex_frontend.cascade.ear_wire import VERSION, EarKind, Frame, FrameReader, Kind, Phrases

READ_BYTES = 1 << 20


class Outbox:
    """The owner's end of our stdout."""

    def __init__(self) -> None:
        # What a library prints must not get between the frames: from here on it goes to stderr.
        self._pipe = os.dup(1)
        os.dup2(2, 1)

    def send(self, *frames: Frame) -> None:
        view = memoryview(b"".join(frame.encode() for frame in frames))
        while view:
            view = view[os.write(self._pipe, view) :]


class Child:
    """Does what the frames say, one after the other."""

    def __init__(self, listener: Listener, outbox: Outbox) -> None:
        self._listener, self._outbox = listener, outbox
        self._utterance = 0

    def take(self, frames: Iterable[Frame]) -> None:
        """Frames that came together. Audio that lies waiting is listened to in one piece."""
        waiting: list[Frame] = []
        for frame in frames:
            if frame.kind is Kind.PCM:
                waiting.append(frame)
                continue
            self._hear(waiting)
            waiting = []
            self._obey(frame)
        self._hear(waiting)

    def _hear(self, frames: list[Frame]) -> None:
        if not frames:
            return
        pcm = b"".join(frame.payload for frame in frames if frame.utterance == self._utterance)
        partial = self._listener.feed(pcm) if pcm else None
        heard = sum(len(frame.payload) for frame in frames)
        answers = [Frame(Kind.HEARD, self._utterance, str(heard).encode())]
        if partial is not None:
            answers.append(Frame(Kind.PARTIAL, self._utterance, partial.encode()))
        self._outbox.send(*answers)

    def _obey(self, frame: Frame) -> None:
        match frame.kind:
            case Kind.EXPECT:
                self._complain(self._listener.expect(Phrases.decode(frame.payload)))
            case Kind.BEGIN:
                self._utterance = frame.utterance
                self._listener.begin()
            case Kind.END:
                reading = self._listener.end()
                self._outbox.send(Frame(Kind.FINAL, frame.utterance, reading.encode()))
                self._complain(self._listener.catch_up())
            case Kind.CANCEL:
                self._listener.cancel()
                self._complain(self._listener.catch_up())

    def _complain(self, left_out: Iterable[str]) -> None:
        for why in left_out:
            self._outbox.send(Frame(Kind.LEFT_OUT, self._utterance, why.encode()))


def main(argv: list[str] | None = None) -> None:
    # Ctrl-C goes to the whole terminal; the owner decides when the ear ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parser = argparse.ArgumentParser(description="The process in which a recogniser lives.")
    parser.add_argument("--ear", type=EarKind, choices=list(EarKind), required=True)
    options = parser.parse_args(argv)
    outbox, reader = Outbox(), FrameReader()
    child = Child(Listener(options.ear), outbox)
    try:
        outbox.send(Frame(Kind.READY, 0, str(VERSION).encode()))
        while data := os.read(0, READ_BYTES):
            child.take(reader.feed(data))
    except BrokenPipeError:
        return  # the owner is gone


if __name__ == "__main__":
    main()
