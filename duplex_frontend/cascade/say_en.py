"""English sounds that synthesizers spell out, written so that they are said."""

from __future__ import annotations

import re

_SOUNDS = {"mm-hm": "umhum", "mhm": "umhum", "uh-huh": "uh huh"}
_SOUND = re.compile(r"\b(" + "|".join(_SOUNDS) + r")\b", re.IGNORECASE)


def as_said(text: str) -> str:
    """`text` as a synthesizer has to be given it."""
    return _SOUND.sub(lambda match: _SOUNDS[match[0].lower()], text)
