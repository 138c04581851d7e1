"""The API put together. The web server mounts it at /api/v1."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from orchestrator.api.call_memory import call_memory
from orchestrator.api.callers import callers
from orchestrator.api.desk import Desk
from orchestrator.api.door import OPEN_PATHS, Door
from orchestrator.api.flows import flows
from orchestrator.api.knowledge import knowledge
from orchestrator.api.live import live
from orchestrator.api.oidc import Issuer
from orchestrator.api.problems import ProblemDocument, answer_with_problems
from orchestrator.api.replays import replays
from orchestrator.api.server_info import server_info
from orchestrator.api.sessions import sessions
from orchestrator.doorkeeper import API_PATH as PATH

_ABOUT = """Calls, live and past, and what leads them. Every request but those under *server* that say so carries
`Authorization: Bearer KEY`: a key of `souffleur keys`, or a token of the deployment's issuer. Every error is a problem
document (RFC 9457). docs/api.md walks through it."""


def make_api(desk: Desk) -> FastAPI:
    """The app. It reads no environment and opens nothing by itself."""
    app = FastAPI(
        title="Souffleur admin API",
        version=version("souffleur"),
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.desk = desk
    for router in (sessions, call_memory, replays, live, callers, flows, knowledge, server_info):
        app.include_router(router)
    answer_with_problems(app)
    issuer = Issuer(desk.settings.api) if desk.settings.api.issuer else None
    app.add_middleware(Door, settings=desk.settings.api, keys=desk.keys, issuer=issuer)
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]
    return app


def _document(app: FastAPI) -> dict[str, Any]:
    """FastAPI's OpenAPI document, with who may ask, and with the shape of problems."""
    if app.openapi_schema:
        return app.openapi_schema
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        servers=[{"url": PATH}],
        separate_input_output_schemas=False,
    )
    parts = document.setdefault("components", {})
    parts["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "A key, or a token of the issuer."}
    }
    problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    parts.setdefault("schemas", {}).update(problem.pop("$defs", {}), ProblemDocument=problem)
    for path, operations in document["paths"].items():
        for operation in operations.values():
            operation["security"] = [] if path in OPEN_PATHS else [{"key": []}]
    app.openapi_schema = document
    return document
