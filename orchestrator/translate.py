"""Between the front-end's types and the reasoner's. Neither knows the other."""

from __future__ import annotations

from collections.abc import Sequence

from duplex_frontend.types import Completeness, Expected, Hypothesis, Line, Prompt, Source
from flows.schema import Flow
from reasoner.ports import Anticipated
from reasoner.types import Channel, Reading, Utterance, Whisper

_CHANNELS = {Source.TYPED: Channel.TEXT, Source.KEYPAD: Channel.KEYPAD}


def utterance_of(hypotheses: Sequence[Hypothesis], start_s: float, end_s: float) -> Utterance:
    readings = tuple(Reading(h.text, h.confidence, h.source is Source.GRAMMAR) for h in hypotheses)
    channel = _CHANNELS.get(hypotheses[0].source, Channel.SPEECH) if hypotheses else Channel.SPEECH
    return Utterance(readings, start_s, end_s, channel)


def prompt_of(whisper: Whisper, flow: Flow) -> Prompt:
    reply = tuple(Line(line.text, line.interruptible, line.exact) for line in whisper.reply)
    return Prompt(whisper.revision, whisper.text, reply, whisper.expires_s, flow.steering.mid_sentence)


def expected_of(anticipated: Anticipated) -> Expected:
    judge = anticipated.judge
    return Expected(
        anticipated.name,
        anticipated.grammar,
        anticipated.sounds,
        lambda words: Completeness(judge(words).value),
    )
