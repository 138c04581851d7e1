"""`souffleur doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestrator.command import Config, console, plainly, run, settings_for


def doctor(
    json_out: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    config: Config = None,
) -> None:
    """Say what this machine can run, and what it lacks.

    What it cannot run is told with what to do about it.

    Looks at voices, recognisers, GPU, engine, stores, language model, disk and ports, as the settings want them.
    Exits with 0 when all that the settings need works, with 1 when something does not, with 2 when the settings
    themselves are wrong.

    \b
    Examples:
      souffleur doctor
      souffleur doctor --json --config /etc/souffleur.toml
    """
    with plainly():
        from orchestrator import doctor_machine as machine
        from orchestrator import doctor_services as services
        from orchestrator import doctor_stores as stores
        from orchestrator.doctor import as_json, examine, show

        settings = settings_for(config, {}, quiet=True)
        checks = (
            ("machine", machine.program),
            ("speech", machine.speech),
            ("GPU", machine.gpu),
            ("engine environment", machine.engine_environment),
            ("duplex engine", services.duplex_engine),
            ("language model", services.language_model),
            ("sessions", stores.sessions),
            ("knowledge", stores.knowledge),
            ("secrets", stores.secrets),
            ("disk", machine.disk),
            ("ports", machine.ports),
            ("flows", machine.flow_library),
            ("trace collector", services.collector),
            ("extras", machine.extras),
        )

        async def look() -> int:
            report = await examine(settings, checks, first=("speech",))
            if json_out:
                typer.echo(as_json(report))
            else:
                show(report, console())
            return 0 if report.healthy else 1

        run(look)
