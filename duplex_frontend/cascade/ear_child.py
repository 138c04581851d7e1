"""A recogniser in a process of its own: pocketsphinx holds the interpreter's lock for up to half a second.

    python -m duplex_frontend.cascade.ear_child grammar|open

Frames come on standard input and go to standard output (`ear_wire.py`). It ends when its input does.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
from typing import Any, BinaryIO

from duplex_frontend.cascade.ear_wire import HEAD, LONGEST, Frame, Kind
from duplex_frontend.cascade.pronounce import pronounce

BACKCHANNELS = {
    "mm-hm": ("M HH M", "AH M HH AH M", "M M HH M M"),
    "mhm": ("M HH M", "AH M HH AH M"),
    "uh-huh": ("AH HH AH", "AH HH AH N"),
}
"""Sounds that the dictionary of the model lacks."""

GRAMMAR_OPTIONS = {"lm": None, "bestpath": False, "fwdflat": False, "wip": 0.05}
OPEN_OPTIONS = {"bestpath": False, "fwdflat": False}
_WORD = re.compile(r"[a-z0-9][a-z0-9'.-]*")


class Ear:
    """One decoder and what it has been told to expect."""

    def __init__(self, grammar: bool) -> None:
        from pocketsphinx import Decoder, set_loglevel

        set_loglevel("FATAL")
        self._takes_grammar = grammar
        self._decoder = Decoder(**(GRAMMAR_OPTIONS if grammar else OPEN_OPTIONS))
        self._known: set[str] = set()
        self._expected = ""
        self._live = False
        self._said = ""
        for word, sounds in BACKCHANNELS.items():
            for n, sound in enumerate(sounds):
                self._add(word if n == 0 else f"{word}({n + 1})", sound)

    def expect(self, name: str, grammar: str, sounds: dict[str, str]) -> str:
        """Use this grammar from the next utterance on. Returns why it cannot be, "" where it can."""
        self._expected = ""
        if not self._takes_grammar or not grammar:
            return ""
        if name not in self._known:
            for word in sorted(_words_of(grammar)):
                if self._decoder.lookup_word(word) is None:
                    self._add(word, sounds.get(word) or pronounce(word))
            try:
                self._decoder.add_jsgf_string(name, grammar)
            except (RuntimeError, ValueError) as error:
                return f"grammar {name} does not compile: {error}"
            self._known.add(name)
        self._expected = name
        return ""

    def begin(self) -> None:
        self.end()
        if self._takes_grammar:
            if not self._expected:
                return
            self._decoder.activate_search(self._expected)
        self._decoder.start_utt()
        self._live, self._said = True, ""

    def feed(self, pcm: bytes) -> str | None:
        """Listen; the words so far where they have changed."""
        if not self._live:
            return None
        self._decoder.process_raw(pcm, False, False)
        words = self._words()
        if words == self._said:
            return None
        self._said = words
        return words

    def end(self) -> dict[str, Any]:
        """The utterance is over: words, natural log likelihood and frames of 10 ms."""
        if not self._live:
            return {"words": "", "log": 0.0, "frames": 0}
        self._decoder.end_utt()
        self._live = False
        hypothesis = self._decoder.hyp()
        log = math.log(hypothesis.score) if hypothesis and hypothesis.score > 0 else -1e9
        return {"words": self._words(), "log": log, "frames": self._decoder.n_frames()}

    def _words(self) -> str:
        hypothesis = self._decoder.hyp()
        return hypothesis.hypstr if hypothesis else ""

    def _add(self, word: str, sound: str) -> None:
        if self._decoder.lookup_word(word) is None:
            self._decoder.add_word(word, sound, False)


def _words_of(grammar: str) -> set[str]:
    """The words of a JSGF text: what stands outside rule names and the header."""
    body = re.sub(r"<[^>]*>|/[^/]*/|\{[^}]*\}", " ", grammar.split(";", 2)[-1])
    return {word for word in _WORD.findall(body) if word != "public"}


def serve(ear: Ear, source: BinaryIO, sink: BinaryIO) -> None:
    """Answer frames until there are none."""

    def say(kind: Kind, utterance: int = 0, payload: bytes = b"") -> None:
        sink.write(Frame(kind, utterance, payload).encode())
        sink.flush()

    say(Kind.READY)
    while len(head := source.read(HEAD.size)) == HEAD.size:
        kind, utterance, length = HEAD.unpack(head)
        if length > LONGEST:
            return
        payload = source.read(length)
        match kind:
            case Kind.EXPECT:
                if why := ear.expect(**json.loads(payload)):
                    say(Kind.REFUSED, 0, why.encode())
            case Kind.BEGIN:
                ear.begin()
            case Kind.PCM:
                if (words := ear.feed(payload)) is not None:
                    say(Kind.PARTIAL, utterance, words.encode())
                say(Kind.HEARD, utterance)
            case Kind.END:
                say(Kind.FINAL, utterance, json.dumps(ear.end()).encode())


def main() -> None:
    # The library prints to standard output as it likes: our frames keep the pipe, it gets standard error.
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        serve(Ear(sys.argv[1] == "grammar"), sys.stdin.buffer, sink)
    except (BrokenPipeError, KeyboardInterrupt):
        return


if __name__ == "__main__":
    main()
