"""Which voices this machine has, and the choice of one.

A synthesizer's library is never loaded here: a child process tries it (`voice_child --list`) and tells. One of
the libraries is GPL-3, and one that is broken takes only its child with it.
"""

from __future__ import annotations

import difflib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from duplex_frontend.errors import NoVoice

LIST_WITHIN_S = 10.0
SLOWEST, FASTEST = 0.5, 2.0
SHOWN = 8  # names in an error

HOW_TO_INSTALL = (
    "install one with `sudo apt-get install flite` (English, the better one) or "
    "`sudo apt-get install espeak-ng` (about a hundred languages); without root: `pip install 'souffleur[espeak]'`"
)


class Engine(StrEnum):
    FLITE = "flite"
    ESPEAK = "espeak"


class Library(StrEnum):
    """Where an engine's library comes from."""

    SYSTEM = "system"
    PIP = "pip"


_CURE = {
    Engine.FLITE: "`sudo apt-get install flite`",
    Engine.ESPEAK: "`sudo apt-get install espeak-ng` or `pip install 'souffleur[espeak]'`",
}

_PLACES = (
    (Engine.FLITE, Library.SYSTEM),
    (Engine.ESPEAK, Library.SYSTEM),
    (Engine.ESPEAK, Library.PIP),
)
"""Best first."""


@dataclass(frozen=True, slots=True)
class VoiceInfo:
    """An engine that was found.

    Attributes:
        names: its voices, best first: "slt", "rms" for flite; for espeak languages such as "en-us".
        variants: what may follow a name after "+" ("f3", "m7"); empty where an engine has none.
    """

    engine: Engine
    library: Library
    names: tuple[str, ...]
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VoiceChoice:
    """A voice, ready to be started.

    Attributes:
        name: "slt", "en-gb+f3".
        rate: speed of speech, 1.0 as the voice comes; 0.5 to 2.0.
        pitch: of its own pitch, 1.0 as it comes; 0.5 to 2.0.
    """

    engine: Engine
    library: Library
    name: str
    rate: float = 1.0
    pitch: float = 1.0

    def __post_init__(self) -> None:
        for what, value in (("rate", self.rate), ("pitch", self.pitch)):
            if not SLOWEST <= value <= FASTEST:
                raise ValueError(f"a voice's {what} is {SLOWEST} to {FASTEST}, not {value}")

    def __str__(self) -> str:
        return f"{self.engine}:{self.name}"


class NoSuchVoice(NoVoice):
    """A voice was asked for by a name that stands for none here. The text says which ones there are."""


def find_voices() -> list[VoiceInfo]:
    """Every engine on this machine that really loads, best first. Takes half a second and blocks; ask once."""
    return [info for place in _PLACES if (info := _look(*place)) is not None]


def choose_voice(
    name: str = "",
    *,
    language: str = "en-US",
    rate: float = 1.0,
    pitch: float = 1.0,
    found: Sequence[VoiceInfo] | None = None,
) -> VoiceChoice:
    """Find the voice that `name` stands for.

    Args:
        name: "flite:slt", "espeak:en-us", "espeak:en-gb+f3"; an engine alone ("espeak"); "" for the best one
            found that speaks `language`.
        language: BCP 47 tag, used where `name` leaves the voice open.
        rate, pitch: see `VoiceChoice`.
        found: what `find_voices` gave; None to look now, which takes half a second and blocks.

    Raises:
        NoVoice: no engine is installed; the text says what to install.
        NoSuchVoice: the engine, the voice or the variant does not exist here.
    """
    wanted_engine, _, wanted = name.strip().partition(":")
    if wanted_engine and wanted_engine not in list(Engine):
        engines = " and ".join(f"'{engine}'" for engine in Engine)
        raise NoSuchVoice(f"voice '{name}': the engines are {engines}, as in 'flite:slt' or 'espeak:en-us'")
    infos = find_voices() if found is None else found
    if not infos:
        raise NoVoice(f"no speech synthesizer was found on this machine; {HOW_TO_INSTALL}")
    candidates = [info for info in infos if wanted_engine in ("", info.engine)]
    if not candidates:
        have = ", ".join(f"'{info.engine}'" for info in infos)
        cure = _CURE[Engine(wanted_engine)]
        raise NoSuchVoice(f"voice '{name}': {wanted_engine} is not installed ({have} is); install it: {cure}")
    for info in candidates:
        voice = wanted if wanted else _voice_for(language, info)
        if voice and _speaks(info, voice):
            return VoiceChoice(info.engine, info.library, voice, rate, pitch)
    raise NoSuchVoice(_no_such(name, wanted, language, candidates[0]))


def _voice_for(language: str, info: VoiceInfo) -> str:
    """The voice of `info` for a language tag, or "". Flite's voices are English."""
    tag = language.lower()
    if info.engine is Engine.FLITE:
        return info.names[0] if tag.partition("-")[0] == "en" else ""
    near = [name for name in info.names if name.partition("-")[0] == tag.partition("-")[0]]
    return tag if tag in near else min(near, key=len, default="")


def _speaks(info: VoiceInfo, voice: str) -> bool:
    name, plus, variant = voice.partition("+")
    return name in info.names and (not plus or variant in info.variants)


def _no_such(name: str, wanted: str, language: str, info: VoiceInfo) -> str:
    if not wanted:
        return f"no voice for the language '{language}' was found; {HOW_TO_INSTALL}"
    voice, plus, variant = wanted.partition("+")
    part, there = (variant, info.variants) if plus and voice in info.names else (voice, info.names)
    near = difflib.get_close_matches(part, there, n=5, cutoff=0.3) if len(there) > SHOWN else []
    shown = list(dict.fromkeys([*near, *there]))[:SHOWN]
    others = " and others" if len(there) > SHOWN else ""
    return f"voice '{name}': {info.engine} has no '{part}'; it has {', '.join(shown)}{others}"


def _look(engine: Engine, library: Library) -> VoiceInfo | None:
    if library is Library.PIP and importlib.util.find_spec("espeakng_loader") is None:
        return None
    command = [*child_command(engine, library), "--list"]
    try:
        answer = subprocess.run(command, capture_output=True, timeout=LIST_WITHIN_S, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    told = json.loads(answer.stdout)
    if not told["names"]:
        return None
    return VoiceInfo(engine, library, tuple(told["names"]), tuple(told["variants"]))


def child_command(engine: Engine, library: Library) -> list[str]:
    """The command line of a voice process."""
    # -P: a file in the working directory must not pass for a module of ours.
    module = "duplex_frontend.cascade.voice_child"
    return [sys.executable, "-P", "-m", module, "--engine", engine, "--library", library]


def describe(infos: Sequence[VoiceInfo]) -> str:
    """One line for a person: what was found, or what to install."""
    if not infos:
        return f"none; {HOW_TO_INSTALL}"
    return ", ".join(f"{info.engine} ({info.library}): {', '.join(info.names[:5])}" for info in infos)
