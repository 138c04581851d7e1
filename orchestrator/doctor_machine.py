"""What the doctor looks at on this machine: voices, recognisers, GPU, the engine's environment, disk, ports, packages."""

from __future__ import annotations

import errno
import importlib.util
import json
import os
import platform
import resource
import shutil
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from subprocess import DEVNULL, PIPE

import anyio
import numpy as np
from anyio.to_thread import run_sync

from duplex_frontend.cascade.ears import PocketsphinxEars
from duplex_frontend.cascade.voice import ChildVoice
from duplex_frontend.cascade.voices import HOW_TO_INSTALL, VoiceChoice, choose_voice, find_voices
from duplex_frontend.engine.errors import EngineError
from duplex_frontend.errors import FrontendError
from duplex_frontend.types import Block
from flows.errors import FlowError
from flows.loader import library, load_flow
from orchestrator.doctor import Finding, State
from orchestrator.engine_commands import engine_python
from orchestrator.settings import Settings

_RATE_HZ = 16_000
_SAYS = "yes please"
_LITTLE_GB, _TOO_LITTLE_GB = 5.0, 0.2
_RECORDED_GB_AN_HOUR = 2 * 2 * _RATE_HZ * 3600 / 1e9  # stereo, 16 bit
_FILES_EACH_CALL, _FILES_BESIDE = 24, 256
_PROBE = (
    "import json, os; os.environ['NO_TORCH_COMPILE'] = '1'; import torch, moshi.models, importlib.metadata as m; "
    "print(json.dumps({'torch': torch.__version__, 'moshi': m.version('moshi'), 'cuda': torch.cuda.is_available()}))"
)


async def program(settings: Settings) -> Sequence[Finding]:
    """Python, the processor, open files."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    says = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {cores} cores"
    found = [Finding("machine", State.OK, says)]
    needed = _FILES_BESIDE + settings.max_calls * _FILES_EACH_CALL
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < needed:
        found.append(
            Finding(
                "open files",
                State.LOOK,
                f"{soft} may be open at once; {settings.max_calls} calls may need {needed}",
                f"raise the limit: ulimit -n {needed}",
            )
        )
    return found


async def speech(settings: Settings) -> Sequence[Finding]:
    """Has the best voice say something, and the recognisers listen to it."""
    needed = settings.front_end == "cascade"
    lacking = State.MISSING if needed else State.UNUSED
    voices = await run_sync(find_voices)
    if not voices:
        return (Finding("voices", lacking, "no speech synthesizer works here", HOW_TO_INSTALL),)
    engines = ", ".join(f"{v.engine} ({v.library}, {len(v.names)})" for v in voices)
    try:
        choice = choose_voice(settings.voice, found=voices)
        sound, made_s = await _say(choice)
    except FrontendError as error:
        return (Finding("voices", lacking, f"{engines}; but {error}", HOW_TO_INSTALL),)
    faster = len(sound) / _RATE_HZ / made_s
    said = Finding("voices", State.OK, f"{engines}; {choice} speaks at {faster:.0f} times real time")
    return (said, await _listen(sound, lacking))


async def _say(choice: VoiceChoice) -> tuple[Block, float]:
    """The sound of it, float32 [samples], and how many seconds it took to make."""
    voice = await ChildVoice.open(choice, rate_hz=_RATE_HZ)
    try:
        began = time.perf_counter()
        chunks = [chunk async for chunk in voice.stream(_SAYS)]
        return np.concatenate(chunks), max(time.perf_counter() - began, 1e-3)
    finally:
        await voice.aclose()


async def _listen(sound: Block, lacking: State) -> Finding:
    began = time.perf_counter()
    try:
        ears = await PocketsphinxEars.start("en-US", lambda _heard: None, lambda _part, _why, _again: None)
    except FrontendError as error:
        cure = "install the package again: pip install --force-reinstall souffleur"
        return Finding("recognisers", lacking, str(error), cure)
    started_s = time.perf_counter() - began
    try:
        ears.begin()
        ears.feed((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
        began = time.perf_counter()
        heard = await ears.end()
        took_s = time.perf_counter() - began
    finally:
        await ears.aclose()
    if not heard or not heard[0].text:
        return Finding("recognisers", State.LOOK, f"started, but could not make out the words '{_SAYS}'")
    pace = len(sound) / _RATE_HZ / max(took_s, 1e-3)
    says = f"pocketsphinx, English; starts in {started_s:.1f} s, heard '{heard[0].text}' at {pace:.1f} times real time"
    if pace < 1:
        return Finding("recognisers", State.LOOK, says, "this machine is too slow, or too busy, for a call")
    return Finding("recognisers", State.OK, says)


async def gpu(settings: Settings) -> Sequence[Finding]:
    """By what the driver says of itself."""
    if shutil.which("nvidia-smi") is None:
        return (Finding("GPU", State.UNUSED, "no NVIDIA driver here; the embedded front-end needs none"),)
    asked = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    answered = await anyio.run_process(asked, check=False, stdin=DEVNULL, stderr=PIPE)
    cards = [line.strip() for line in answered.stdout.decode(errors="replace").splitlines() if line.strip()]
    if answered.returncode or not cards:
        return (
            Finding(
                "GPU",
                State.LOOK,
                "nvidia-smi fails",
                "look at its message; the driver may have to be reloaded",
            ),
        )
    return (
        Finding("GPU", State.OK, "; ".join(cards), "`souffleur engine plan` says how many calls it carries"),
    )


async def engine_environment(settings: Settings) -> Sequence[Finding]:
    """Whether an engine could be started on this machine."""
    what = "engine environment"
    try:
        python = engine_python(settings.engine.python)
    except EngineError as error:
        return (Finding(what, State.UNUSED, "no engine can be started here", str(error)),)
    answered = await anyio.run_process([python, "-c", _PROBE], check=False, stdin=DEVNULL, stderr=PIPE)
    try:
        versions = json.loads(answered.stdout)
    except ValueError:
        cure = "run `tools/setup.sh engine` again, or set engine.python"
        return (Finding(what, State.LOOK, f"torch or moshi cannot be imported by {python}", cure),)
    on = "with CUDA" if versions["cuda"] else "on the CPU only: for tiny checkpoints"
    return (Finding(what, State.OK, f"moshi {versions['moshi']}, torch {versions['torch']} {on}"),)


async def disk(settings: Settings) -> Sequence[Finding]:
    """Room and rights where calls are kept."""
    folder = settings.data.folder
    there = next((place for place in (folder, *folder.parents) if place.exists()), Path("/"))
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        cure = f"give this user the right to write to {there}, or choose another data.folder"
        return (Finding("disk", State.MISSING, f"{folder} cannot be written", cure),)
    free_gb = shutil.disk_usage(there).free / 1e9
    room = f"{folder}: {free_gb:.1f} GB free"
    if settings.data.record_audio:
        room += f", {free_gb / _RECORDED_GB_AN_HOUR:.0f} hours of recorded calls"
    if free_gb < _TOO_LITTLE_GB:
        return (Finding("disk", State.MISSING, room, "make room, or choose another data.folder"),)
    if free_gb < _LITTLE_GB:
        return (Finding("disk", State.LOOK, room, "make room, or turn data.record_audio off"),)
    return (Finding("disk", State.OK, room),)


async def ports(settings: Settings) -> Sequence[Finding]:
    """Whether the addresses to listen on are free."""
    wanted = [("server port", settings.server.host, settings.server.port, "server.port")]
    if settings.telemetry.metrics:
        wanted.append(("metrics port", *settings.telemetry.metrics_address, "telemetry.metrics"))
    return [_port(*address) for address in wanted]


def _port(what: str, host: str, port: int, setting: str) -> Finding:
    if port == 0:
        return Finding(what, State.OK, f"{host}, any port that is free")
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as refused:
        if refused.errno == errno.EADDRINUSE:
            cure = f"where that is not a Souffleur of yours, stop it or choose another {setting}"
            return Finding(what, State.LOOK, f"{host}:{port} is in use", cure)
        return Finding(what, State.MISSING, f"{host}:{port}: {refused.strerror}", f"choose another {setting}")
    return Finding(what, State.OK, f"{host}:{port} is free")


async def flow_library(_settings: Settings) -> Sequence[Finding]:
    """Whether the flows that come with the package can be read."""

    def look() -> tuple[int, list[str]]:
        found, wrong = list(library()), []
        for name, _path in found:
            try:
                load_flow(name)
            except FlowError:
                wrong.append(name)
        return len(found), wrong

    count, wrong = await run_sync(look)
    if wrong:
        cure = "`souffleur flows check NAME` says what is wrong"
        return (
            Finding("flows", State.MISSING, f"of {count} flows, {', '.join(wrong)} cannot be used", cure),
        )
    return (Finding("flows", State.OK, f"{count} in the library"),)


_EXTRAS = (
    ("opus", "sphn", "clients of Moshi's protocol at /api/chat"),
    ("otel", "opentelemetry.sdk", "sending traces"),
    ("embeddings", "sentence_transformers", "searching knowledge by meaning"),
)


async def extras(settings: Settings) -> Sequence[Finding]:
    """Optional packages, and whether the settings need them."""
    wanted = {"otel": bool(settings.telemetry.traces), "embeddings": bool(settings.knowledge.embeddings)}
    found = []
    for name, module, used_for in _EXTRAS:
        if _is_there(module):
            found.append(Finding(f"extra {name}", State.OK, f"there, for {used_for}"))
        else:
            state = State.MISSING if wanted.get(name) else State.UNUSED
            cure = f"pip install 'souffleur[{name}]'"
            found.append(Finding(f"extra {name}", state, f"not installed; it is for {used_for}", cure))
    return found


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
