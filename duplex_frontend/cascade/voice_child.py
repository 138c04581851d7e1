"""The process in which a synthesizer lives: `python -m duplex_frontend.cascade.voice_child --engine flite ...`.

One for each call. It takes clauses on stdin and gives audio on stdout (`voice_wire.py`), and ends when its stdin
closes. The main thread synthesizes; a thread beside it reads, so that a clause can be given up half-way.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from duplex_frontend.audio import NOTHING, Pcm, Resampler, SilenceTrim, from_bytes, gain_to, to_bytes
from duplex_frontend.cascade.voice_wire import Frame, FrameReader, Kind
from duplex_frontend.cascade.voices import Engine, Library

LOUDNESS_LUFS = -20.0  # of every voice, whatever its engine gives
TAIL_MS = 40
FIRST_CHUNK_MS = 10  # the first sound goes out as soon as this much of it is there
CHUNK_MS = 60  # then in larger ones, which cost the other side less
CLAUSES_WAITING = 8

WARM_UP = "one two three four five six seven"  # also what its loudness is taken from


class Synthesizer(Protocol):
    def speak(self, text: str, sink: Callable[[int, bytes], bool]) -> None:
        """Speak one clause: `sink(rate_hz, little-endian int16)` tells whether to stop."""
        ...


class Speech:
    """One clause on its way from the engine's audio to ours: level, rate, silences off its ends, chunks.

    Args:
        rate_hz: of what goes out.
        gain: on what the engine gives.
        send: takes little-endian int16.
    """

    def __init__(self, rate_hz: int, gain: float, send: Callable[[bytes], None]) -> None:
        self._rate_hz, self._gain, self._send = rate_hz, np.float32(gain), send
        self._resampler: Resampler | None = None  # until the engine has told its rate
        self._trim = SilenceTrim(rate_hz, tail_ms=TAIL_MS)
        self._ready = NOTHING
        self._least = rate_hz * FIRST_CHUNK_MS // 1000

    def feed(self, engine_hz: int, raw: bytes) -> None:
        if self._resampler is None:
            self._resampler = Resampler(engine_hz, self._rate_hz)
        self._add(self._trim.feed(self._resampler.feed(from_bytes(raw) * self._gain)))
        if len(self._ready) >= self._least:
            self._send(to_bytes(self._ready))
            self._ready = NOTHING
            self._least = self._rate_hz * CHUNK_MS // 1000

    def finish(self) -> None:
        if self._resampler is not None:
            self._add(self._trim.feed(self._resampler.flush()))
        self._add(self._trim.flush())
        if len(self._ready):
            self._send(to_bytes(self._ready))

    def _add(self, pcm: Pcm) -> None:
        self._ready = np.concatenate([self._ready, pcm])


class Inbox:
    """What the owner asked for, read by a thread of its own."""

    def __init__(self, stdin: int) -> None:
        self._stdin = stdin
        self._clauses: queue.Queue[Frame] = queue.Queue(CLAUSES_WAITING)
        self._given_up = 0
        threading.Thread(target=self._read, name="voice-inbox", daemon=True).start()

    def next_clause(self) -> Frame:
        """Wait for a clause that is still wanted."""
        while True:
            frame = self._clauses.get()
            if self.wants(frame.clause):
                return frame

    def wants(self, clause: int) -> bool:
        return clause > self._given_up

    def _read(self) -> None:
        reader = FrameReader()
        try:
            while data := os.read(self._stdin, 65536):
                for frame in reader.feed(data):
                    if frame.kind is Kind.SPEAK:
                        self._clauses.put(frame)
                    elif frame.kind is Kind.GIVE_UP:
                        self._given_up = max(self._given_up, frame.clause)
        finally:
            os._exit(0)  # the owner is gone; the engine may be in the middle of a word


class Outbox:
    """The owner's end of our stdout."""

    def __init__(self) -> None:
        # What a library prints must not get between the frames: from here on it goes to stderr.
        self._pipe = os.dup(1)
        os.dup2(2, 1)

    def send(self, frame: Frame) -> None:
        self.write(frame.encode())

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._pipe, view) :]
        except BrokenPipeError:
            os._exit(0)


@dataclass(frozen=True, slots=True)
class Mouth:
    """Speaks clause after clause with one synthesizer, at `rate_hz` and `gain`."""

    synthesizer: Synthesizer
    rate_hz: int
    gain: float
    inbox: Inbox
    outbox: Outbox

    def speak(self, clause: int, text: str) -> None:
        """Speak until the clause is over or given up; either way the owner is told that it is done."""
        speech = Speech(self.rate_hz, self.gain, lambda raw: self.outbox.send(Frame(Kind.AUDIO, clause, raw)))

        def sink(rate_hz: int, raw: bytes) -> bool:
            wanted = self.inbox.wants(clause)
            if wanted:
                speech.feed(rate_hz, raw)
            return not wanted

        try:
            self.synthesizer.speak(text, sink)
        except RuntimeError as error:
            self.outbox.send(Frame(Kind.FAILED, clause, str(error).encode()))
            return
        if self.inbox.wants(clause):
            speech.finish()
        self.outbox.send(Frame(Kind.DONE, clause))


def load(options: argparse.Namespace) -> Synthesizer:
    """Raises OSError: the library or the voice is not there."""
    if options.engine is Engine.FLITE:
        from duplex_frontend.cascade.voice_flite import Flite

        return Flite(options.voice, options.rate, options.pitch)
    from duplex_frontend.cascade.voice_espeak import Espeak

    return Espeak(options.library, options.voice, options.rate, options.pitch)


def installed(options: argparse.Namespace) -> tuple[list[str], list[str]]:
    if options.engine is Engine.FLITE:
        from duplex_frontend.cascade import voice_flite

        return voice_flite.installed()
    from duplex_frontend.cascade import voice_espeak

    return voice_espeak.installed(options.library)


def warm_up(synthesizer: Synthesizer) -> float:
    """Speak into nothing, so that the first line is quick. Returns the gain that brings it to our loudness."""
    heard: list[bytes] = []
    rates: list[int] = []

    def sink(rate_hz: int, raw: bytes) -> bool:
        rates.append(rate_hz)
        heard.append(raw)
        return False

    synthesizer.speak(WARM_UP, sink)
    return gain_to(LOUDNESS_LUFS, from_bytes(b"".join(heard)), rates[0]) if heard else 1.0


def parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The process in which a synthesizer lives.")
    parser.add_argument("--engine", type=Engine, choices=list(Engine), required=True)
    parser.add_argument("--library", type=Library, choices=list(Library), default=Library.SYSTEM)
    parser.add_argument("--list", action="store_true", help="print the voices that load, as JSON, and end")
    parser.add_argument("--voice", default="")
    parser.add_argument("--rate", type=float, default=1.0)
    parser.add_argument("--pitch", type=float, default=1.0)
    parser.add_argument("--hz", type=int, default=16_000, help="of the audio that goes out")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    # Ctrl-C goes to the whole terminal; the owner decides when the voice ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    options, outbox = parse(argv), Outbox()
    if options.list:
        names, variants = installed(options)
        outbox.write(json.dumps({"names": names, "variants": variants}).encode())
        return
    try:
        synthesizer = load(options)
    except OSError as error:
        outbox.send(Frame(Kind.FAILED, 0, str(error).encode()))
        return
    inbox = Inbox(0)
    mouth = Mouth(synthesizer, options.hz, warm_up(synthesizer), inbox, outbox)
    outbox.send(Frame(Kind.READY))
    while True:
        frame = inbox.next_clause()
        mouth.speak(frame.clause, frame.payload.decode())


if __name__ == "__main__":
    main()
