"""How a time of day is said in English, and which half of the day a bare hour is in."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from reasoner.understand.forms import Form, Rules, either, maybe, rule, seq, unspoken
from reasoner.understand.numbers_en import CARDINALS, ONES, ZEROS
from reasoner.understand.phrases import Figures, phrases, said
from reasoner.understand.times import Later, Minutes, TimeParts
from reasoner.understand.words import Words, words_of

_HOURS = {words: n for words, n in CARDINALS.items() if n <= 12}
_HOURS_ISH = {f"{words}ish": n for words, n in _HOURS.items()}
_LATE_HOURS = {words: n for words, n in CARDINALS.items() if 12 < n <= 24}
_COLON = re.compile(r"(\d{1,2})[:.](\d{2})")


def _hour_figures(word: str) -> int | None:
    return int(word) if word.isascii() and word.isdecimal() and len(word) <= 2 and int(word) <= 24 else None


def _clock_figures(word: str) -> TimeParts | None:
    found = _COLON.fullmatch(word)
    if found is None or int(found[1]) > 24 or int(found[2]) > 59:
        return None
    return TimeParts(int(found[1]), int(found[2]), exact=found[1].startswith("0") or int(found[1]) > 12)


def _four_figures(word: str) -> TimeParts | None:
    if not (
        word.isascii() and word.isdecimal() and len(word) == 4 and int(word[:2]) < 25 and int(word[2:]) < 60
    ):
        return None
    return TimeParts(int(word[:2]), int(word[2:]), exact=True)


def _with(parts: TimeParts, half: str) -> TimeParts:
    return replace(parts, half=half, exact=False) if half and 0 < parts.hour <= 12 else parts


_HOUR: Form[int] = rule("hour", either(phrases(_HOURS, _HOURS_ISH), Figures(_hour_figures)))
_OH = seq(phrases(ZEROS), phrases(ONES), make=lambda _, one: one)
_MINUTE: Form[int] = rule(
    "minute", either(phrases({w: n for w, n in CARDINALS.items() if 10 <= n <= 59}), _OH)
)
_MINUTES_PAST: Form[int] = either(
    phrases(
        {"five": 5, "ten": 10, "twenty": 20, "twenty five": 25},
        {w: n for w, n in CARDINALS.items() if n < 30},
    ),
    Figures(_hour_figures),
)
_MINUTES_WORD = maybe(unspoken(said("minutes", "minute", "mins")))

_PAST: Form[int] = either(
    phrases({"half past": 30, "quarter past": 15, "a quarter past": 15}, {"half": 30, "half after": 30, "quarter after": 15, "a quarter after": 15, "half passed": 30}),
    seq(_MINUTES_PAST, _MINUTES_WORD, said("past", readable=("after", "passed")), make=lambda n, *_: n),
)  # fmt: skip
_TO: Form[int] = either(
    phrases({"quarter to": 15, "a quarter to": 15}, {"quarter of": 15, "a quarter of": 15, "quarter till": 15, "quarter til": 15, "quarter before": 15}),
    seq(_MINUTES_PAST, _MINUTES_WORD, said("to", readable=("till", "til", "before", "of")), make=lambda n, *_: n),
)  # fmt: skip
_HALF: Form[str] = phrases(
    {"a m": "am", "p m": "pm", "in the morning": "am", "in the afternoon": "pm", "in the evening": "pm", "at night": "night"},
    {
        "am": "am", "pm": "pm", "this morning": "am", "this afternoon": "pm", "this evening": "pm", "tonight": "night",
        "tomorrow morning": "am", "tomorrow afternoon": "pm", "tomorrow evening": "pm", "tomorrow night": "night",
        "sharp": "", "evening": "pm", "morning": "am", "afternoon": "pm", "night": "night", "in the night": "night",
        "a.m": "am", "p.m": "pm", "am in the morning": "am", "pm in the evening": "pm", "pm in the afternoon": "pm",
        "p m in the evening": "pm", "a m in the morning": "am", "pm at night": "pm",
    },
)  # fmt: skip
_O_CLOCK = maybe(
    said("o'clock", readable=("oclock", "o clock", "sharp", "on the dot", "h", "hrs", "hours", "ish"))
)
_AT_HALF = maybe(_HALF, "")

_POINT: Form[TimeParts] = either(
    seq(_PAST, _HOUR, make=lambda minute, hour: TimeParts(hour, minute)),
    seq(_TO, _HOUR, make=lambda minute, hour: TimeParts((hour - 1) or 12, 60 - minute)),
    seq(_HOUR, _MINUTE, make=TimeParts),
    Figures(_clock_figures),
)
_NAMED: Form[TimeParts] = phrases(
    {
        "noon": TimeParts(12, 0, exact=True), "midnight": TimeParts(0, 0, exact=True),
    },
    {
        "midday": TimeParts(12, 0, exact=True), "noonish": TimeParts(12, 0, exact=True), "twelve noon": TimeParts(12, 0, exact=True),
        "12 noon": TimeParts(12, 0, exact=True), "twelve midnight": TimeParts(0, 0, exact=True),
        "12 midnight": TimeParts(0, 0, exact=True), "high noon": TimeParts(12, 0, exact=True),
        "lunchtime": TimeParts(12, 0, exact=True), "lunch time": TimeParts(12, 0, exact=True),
        "half past noon": TimeParts(12, 30, exact=True), "half past midnight": TimeParts(0, 30, exact=True),
    },
)  # fmt: skip
_LATE: Form[TimeParts] = either(
    seq(
        phrases(_LATE_HOURS),
        said("hundred"),
        maybe(said("hours")),
        make=lambda h, *_: TimeParts(h, exact=True),
    ),
    seq(_OH, said("hundred"), maybe(said("hours")), make=lambda h, *_: TimeParts(h, exact=True)),
    seq(phrases(_HOURS), said("hundred"), maybe(said("hours")), make=lambda h, *_: TimeParts(h, exact=True)),
    seq(phrases(_LATE_HOURS), _MINUTE, make=lambda h, m: TimeParts(h, m, exact=True)),
    seq(_OH, _MINUTE, make=lambda h, m: TimeParts(h, m, exact=True)),
)
_SURE_HALF: Form[TimeParts] = seq(
    _HOUR, _O_CLOCK, _HALF, make=lambda h, _, half: TimeParts(h, 0, half) if half else None
)
_O_CLOCK_ONLY: Form[TimeParts] = seq(
    _HOUR,
    said("o'clock", readable=("oclock", "o clock", "sharp", "on the dot")),
    make=lambda h, _: TimeParts(h),
)

TIME_TOLD: Form[TimeParts] = rule(
    "time_told",
    either(
        seq(_POINT, _O_CLOCK, _AT_HALF, make=lambda parts, _, half: _with(parts, half)),
        _SURE_HALF,
        _O_CLOCK_ONLY,
        _NAMED,
    ),
)
"""A time that says itself that it is one: `half past six`, `7:30 pm`, `five o'clock`, `noon`."""

_LENGTHS = frozenset(
    "minutes minute mins min hours days day weeks week months month years people persons percent dollars".split()
)


@dataclass(frozen=True, slots=True)
class _NoLength:
    """A bare hour, unless something is counted with it: `in 20 minutes` is no time of day."""

    inner: Form[TimeParts]
    starts: frozenset[str]
    nullable: bool = False

    def read(self, words: Words, at: int) -> Iterator[tuple[int, TimeParts]]:
        for end, parts in self.inner.read(words, at):
            if words.keys[end] not in _LENGTHS:
                yield end, parts

    def jsgf(self, rules: Rules) -> str:
        return self.inner.jsgf(rules)


_HOUR_ALONE: Form[TimeParts] = seq(_HOUR, _O_CLOCK, make=lambda hour, _: TimeParts(hour))
_BARE: Form[TimeParts] = either(
    _NoLength(_HOUR_ALONE, _HOUR_ALONE.starts),
    _LATE,
    unspoken(seq(Figures(_four_figures), maybe(said("hours", "hrs", "h")), make=lambda parts, _: parts)),
)
_AT = said("at", readable=("around", "about", "by", "after", "before", "from", "for", "roughly", "at around", "at about", "at exactly", "at like", "sometime around", "any time after", "anytime after", "maybe", "no later than", "not before", "just after", "just before", "at or after", "at or before"))  # fmt: skip

_MINUTES_ALONE: Form[Minutes] = phrases(
    {},
    {
        f"{on}{words}": Minutes(minute)
        for words, minute in {
            "half past": 30,
            "quarter past": 15,
            "quarter after": 15,
            "quarter to": -15,
        }.items()
        for on in ("", "at ", *(("a ", "at a ") if words.startswith("quarter") else ()))
    },
)
"""`Half past`, of the hour that was said before."""
_SPAN: Form[int] = either(
    phrases(
        {}, {"half an hour": 30, "a half hour": 30, "a quarter of an hour": 15, "an hour and a half": 90}
    ),
    seq(
        either(phrases({"an": 1, "a": 1}, CARDINALS), Figures(_hour_figures)),
        said("hour", "hours"),
        make=lambda n, _: n * 60,
    ),
    seq(
        either(phrases(CARDINALS), Figures(lambda w: int(w) if w.isdecimal() and len(w) <= 3 else None)),
        said("minutes", "mins"),
        make=lambda n, _: n,
    ),
)
TIME_SHIFTED: Form[Later] = unspoken(
    seq(
        maybe(said("about", "around", "maybe", "just")),
        _SPAN,
        phrases({}, {"later": 1, "after that": 1, "earlier": -1, "sooner": -1, "before that": -1}),
        make=lambda _, minutes, sign: Later(sign * minutes),
    )
)
"""`An hour later`, than what was said before."""

TIME: Form[TimeParts | Minutes] = either(
    seq(
        maybe(_AT),
        either(TIME_TOLD, _BARE),
        maybe(unspoken(_HALF), ""),
        make=lambda _, parts, half: _with(parts, half),
    ),
    unspoken(_MINUTES_ALONE),
)
"""A time, also a bare hour: `at seven`, `eighteen hundred`."""

TIME_AT: Form[TimeParts] = either(
    seq(said("at", "at about", "at around", "by", readable=("around", "about")), either(TIME_TOLD, _BARE), _AT_HALF, make=lambda _, parts, half: _with(parts, half)),
    seq(maybe(_AT), TIME_TOLD, make=lambda _, parts: parts),
)  # fmt: skip
"""A time that cannot be taken for something else: with `at` before it, or told as one."""

# --- a bare hour ---------------------------------------------------------------------------------------------

_EVENING = frozenset("dinner bar party evening theatre theater cinema".split())
_DINING = frozenset("restaurant restaurants table dining dine bistro".split())
_MORNING = frozenset("breakfast brunch morning wake alarm".split())


@functools.lru_cache(maxsize=1024)
def late_from(about: str) -> int:
    """Below which hour a bare hour is one after noon, by what a call is about.

    In the evening all of them; where people dine those up to ten: `at eight` is 20:00, and eleven is before lunch.
    About breakfast none. Else one to seven are after noon, and eight to eleven before it: the hours that offices are
    open.
    """
    words = frozenset(words_of(about).folded)
    if words & _MORNING:
        return 0
    if words & _EVENING:
        return 12
    return 11 if words & _DINING else 8
