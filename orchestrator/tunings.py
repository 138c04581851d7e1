"""How a front-end holds a call: the deployment's thresholds, with what the call's flow wants otherwise."""

from __future__ import annotations

from dataclasses import replace

from duplex_frontend.cascade.tuning import Tuning
from duplex_frontend.engine.frontend import Tuning as EngineTuning
from duplex_frontend.types import Persona
from flows.schema import Flow, Listening
from orchestrator.sections import EngineSettings

_SILENCES = ("complete_ms", "open_ms", "middle_ms", "spelling_ms")
"""Of a flow's listening, what overrides the deployment's endpoint tuning."""


def persona_of(flow: Flow) -> Persona:
    return Persona(flow.agent.name, flow.agent.voice, flow.language)


def cascade_tuning(deployed: Tuning, listening: Listening) -> Tuning:
    """For the embedded front-end."""
    tuning = deployed
    endpoint = {k: v for k in _SILENCES if (v := getattr(listening, k))}
    tuning = replace(tuning, endpoint=replace(tuning.endpoint, **endpoint))
    if listening.silence_s is not None:
        tuning = replace(tuning, silence_step_s=listening.silence_s)
    if listening.barge_in is not None:
        tuning = replace(tuning, barge_in=replace(tuning.barge_in, enabled=listening.barge_in))
    return tuning


def engine_tuning(engine: EngineSettings, listening: Listening) -> EngineTuning:
    """For the duplex engine's turns."""
    told = {name: getattr(listening, f"{name[:-2]}_ms") for name in ("complete_s", "open_s", "middle_s")}
    caller = replace(engine.turns.caller, **{name: ms / 1000 for name, ms in told.items() if ms})
    turns, barge_in = replace(engine.turns, caller=caller), engine.barge_in
    if listening.silence_s is not None:
        turns = replace(turns, silence_step_s=listening.silence_s)
    if listening.barge_in is not None:
        barge_in = replace(barge_in, enabled=listening.barge_in)
    return EngineTuning(turns, barge_in)
