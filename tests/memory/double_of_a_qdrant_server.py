"""A double of a Qdrant server, where none can run: Qdrant's HTTP protocol in front of qdrant-client's own local mode.

Bodies are read and written by the models that the client library generates from Qdrant's OpenAPI document, so what
goes over the wire is the real protocol; what is found is the local mode's doing, which the library tests against the
server. Nothing is known here of a real server's speed, its indexes, its disk or what it does when several write.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from pydantic import BaseModel, TypeAdapter
from qdrant_client import QdrantClient, models
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

DONE = models.UpdateResult(operation_id=0, status=models.UpdateStatus.COMPLETED)


class DoubleOfAQdrantServer:
    """`address` is where it listens, on 127.0.0.1. Set `key`, `takes_s`, `fails_with` and `version` at any time."""

    def __init__(self, folder: Path) -> None:
        self.address = ""
        self.key = ""
        self.takes_s = 0.0
        self.fails_with = 0
        self.version = "1.19.0"
        self.asked: list[str] = []
        self._local = QdrantClient(path=str(folder), force_disable_check_same_thread=True)

    def app(self) -> Starlette:
        at = "/collections/{name}"
        return Starlette(
            routes=[
                Route("/", self._root),
                Route(f"{at}/exists", self._answering(self._exists)),
                Route(at, self._answering(self._create), methods=["PUT"]),
                Route(f"{at}/index", self._answering(self._index), methods=["PUT"]),
                Route(f"{at}/points", self._answering(self._upsert), methods=["PUT"]),
                Route(f"{at}/points", self._answering(self._retrieve), methods=["POST"]),
                Route(f"{at}/points/delete", self._answering(self._delete), methods=["POST"]),
                Route(f"{at}/points/scroll", self._answering(self._scroll), methods=["POST"]),
                Route(f"{at}/points/count", self._answering(self._count), methods=["POST"]),
                Route(f"{at}/points/query/batch", self._answering(self._query), methods=["POST"]),
                Route(f"{at}/facet", self._answering(self._facet), methods=["POST"]),
            ]
        )

    def close(self) -> None:
        self._local.close()

    def _answering(self, work: Callable[[str, bytes], Any]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            self.asked.append(f"{request.method} {request.url.path}")
            await asyncio.sleep(self.takes_s)
            if self.key and request.headers.get("api-key") != self.key:
                return Response("Must provide an API key or an Authorization bearer token", 401)
            if self.fails_with:
                return JSONResponse({"status": {"error": "told to fail"}, "time": 0.0}, self.fails_with)
            try:
                result = work(request.path_params["name"], await request.body())
            except _Refused as refused:
                told = {"status": {"error": str(refused)}, "time": 0.0}
                return JSONResponse(told, refused.status)
            return JSONResponse({"result": _json(result), "status": "ok", "time": 0.0})

        return answer

    async def _root(self, request: Request) -> Response:
        if self.key and request.headers.get("api-key") != self.key:
            return Response("Must provide an API key or an Authorization bearer token", 401)
        return JSONResponse(
            {"title": "qdrant - vector search engine", "version": self.version, "commit": "0"}
        )

    def _exists(self, name: str, _body: bytes) -> Any:
        return {"exists": self._local.collection_exists(name)}

    def _create(self, name: str, body: bytes) -> Any:
        wanted = models.CreateCollection.model_validate_json(body)
        if self._local.collection_exists(name):
            raise _Refused(409, f"Wrong input: Collection `{name}` already exists!")
        return self._local.create_collection(
            name, vectors_config=wanted.vectors, sparse_vectors_config=wanted.sparse_vectors
        )

    def _index(self, name: str, body: bytes) -> Any:
        models.CreateFieldIndex.model_validate_json(body)
        self._there(name)
        return DONE  # the local mode filters without indexes

    def _upsert(self, name: str, body: bytes) -> Any:
        self._there(name)
        return self._local.upsert(name, models.PointsList.model_validate_json(body).points)

    def _retrieve(self, name: str, body: bytes) -> Any:
        wanted = models.PointRequest.model_validate_json(body)
        self._there(name)
        payload, vectors = wanted.with_payload or False, wanted.with_vector or False
        return self._local.retrieve(name, wanted.ids, with_payload=payload, with_vectors=vectors)  # type: ignore[arg-type]

    def _delete(self, name: str, body: bytes) -> Any:
        self._there(name)
        return self._local.delete(name, models.PointIdsList.model_validate_json(body))

    def _scroll(self, name: str, body: bytes) -> Any:
        wanted = models.ScrollRequest.model_validate_json(body)
        self._there(name)
        points, after = self._local.scroll(
            name,
            scroll_filter=wanted.filter,
            limit=wanted.limit or 10,
            offset=wanted.offset,
            with_payload=wanted.with_payload or False,  # type: ignore[arg-type]
            with_vectors=wanted.with_vector or False,
        )
        return {"points": points, "next_page_offset": after}

    def _count(self, name: str, body: bytes) -> Any:
        wanted = models.CountRequest.model_validate_json(body)
        self._there(name)
        return self._local.count(name, count_filter=wanted.filter, exact=bool(wanted.exact))

    def _query(self, name: str, body: bytes) -> Any:
        wanted = models.QueryRequestBatch.model_validate_json(body)
        self._there(name)
        return self._local.query_batch_points(name, wanted.searches)

    def _facet(self, name: str, body: bytes) -> Any:
        wanted = models.FacetRequest.model_validate_json(body)
        self._there(name)
        return self._local.facet(
            name, wanted.key, facet_filter=wanted.filter, limit=wanted.limit or 10, exact=bool(wanted.exact)
        )

    def _there(self, name: str) -> None:
        if not self._local.collection_exists(name):
            raise _Refused(404, f"Not found: Collection `{name}` doesn't exist!")


class _Refused(Exception):
    def __init__(self, status: int, why: str) -> None:
        self.status = status
        super().__init__(why)


def _json(result: Any) -> Any:
    if isinstance(result, BaseModel):
        return result.model_dump(mode="json")
    return TypeAdapter(Any).dump_python(result, mode="json")


@contextmanager
def serving(folder: Path) -> Iterator[DoubleOfAQdrantServer]:
    """The double, listening until the block is left."""
    double = DoubleOfAQdrantServer(folder)
    server = uvicorn.Server(
        uvicorn.Config(double.app(), host="127.0.0.1", port=0, log_config=None, lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError("the double does not start")
            threading.Event().wait(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        double.address = f"http://127.0.0.1:{port}"
        yield double
    finally:
        server.should_exit = True
        thread.join(10)
        double.close()
