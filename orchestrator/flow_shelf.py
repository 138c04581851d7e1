"""Flows that were uploaded: checked, kept with their versions, and put where calls find them."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from anyio.to_thread import run_sync

from flows.errors import BadFlow, Mistake, NoSuchFlow
from flows.loader import LoadedFlow, open_flow
from memory.admin import FlowVersion
from memory.admin_ports import FlowStore
from orchestrator.callfile import write_whole


@dataclass(frozen=True, slots=True)
class FlowShelf:
    """Args:
    store: the versions.
    folder: where the files of those that are used are written, each once: the loader reads files.
    sources: files and names in the library that are on offer beside them.
    """

    store: FlowStore
    folder: Path
    sources: Sequence[str] = ()

    async def check(self, content: str) -> tuple[LoadedFlow | None, Sequence[Mistake]]:
        """The flow of a file, None where it cannot be used; and its mistakes and warnings.

        It stands alone: pages and other files beside it are not uploaded, so it may import only from the library.
        """
        return await run_sync(_check, content)

    async def keep(self, tenant: str, content: str, by: str) -> tuple[FlowVersion, Sequence[Mistake]]:
        """Keep another version, and its warnings. The one before it stays active.

        Raises:
            BadFlow: it cannot be used.
        """
        loaded, mistakes = await self.check(content)
        if loaded is None:
            raise BadFlow(mistakes)
        flow = loaded.flow
        version = FlowVersion(tenant, flow.flow, 0, content, flow.content_hash, datetime.now(UTC), by)
        return await self.store.add(version), mistakes

    async def path_of(self, version: FlowVersion) -> Path:
        """Its file. Raises CannotWrite."""
        return await run_sync(self._put, version)

    async def active(self, tenant: str) -> dict[str, tuple[FlowVersion, Path]]:
        """The active upload of each flow, by name, with its file. Raises StoreLost, CannotWrite."""
        return {v.name: (v, await self.path_of(v)) for v in await self.store.active(tenant)}

    async def that_led(self, tenant: str, name: str, content_hash: str) -> LoadedFlow | None:
        """The very version of a flow that a call followed, from the uploads or the library; None where it is gone."""
        kept = await self.store.find(tenant, name, content_hash)
        if kept is not None:
            return await run_sync(open_flow, str(await self.path_of(kept)))
        for source in dict.fromkeys((name, *self.sources)):
            try:
                loaded = await run_sync(open_flow, source)
            except (NoSuchFlow, BadFlow):
                continue
            if (loaded.flow.flow, loaded.flow.content_hash) == (name, content_hash):
                return loaded
        return None

    async def open(self, tenant: str, name: str) -> LoadedFlow:
        """The flow that calls of this name follow now. Raises FlowError, StoreLost, CannotWrite."""
        active = await self.active(tenant)
        return await run_sync(open_flow, str(active[name][1]) if name in active else name)

    def _put(self, version: FlowVersion) -> Path:
        # The name of a tenant may hold anything, so its folder is called by a hash of it.
        tenant = sha256(version.tenant.encode()).hexdigest()[:16]
        path = self.folder / tenant / version.name / str(version.number) / f"{version.name}.yaml"
        data = version.content.encode()
        if not path.exists() or path.read_bytes() != data:
            write_whole(data, path)
        return path


def _check(content: str) -> tuple[LoadedFlow | None, Sequence[Mistake]]:
    with tempfile.TemporaryDirectory(prefix="souffleur-flow-") as folder:
        path = Path(folder) / "flow.yaml"
        path.write_text(content, encoding="utf-8", errors="surrogateescape", newline="")
        try:
            loaded = open_flow(str(path))
        except BadFlow as bad:
            return None, _without_place(bad.mistakes)
        if loaded.knowledge_dirs:
            rule = "an uploaded flow has no folder of pages"
            cure = "Leave `knowledge` out and add documents: POST /api/v1/knowledge/NAME."
            return None, [Mistake("flow.yaml", 1, 1, rule, cure)]
        return loaded, _without_place(loaded.warnings)


def _without_place(mistakes: Sequence[Mistake]) -> list[Mistake]:
    return [
        Mistake(
            Path(m.file).name,
            m.line,
            m.column,
            m.rule,
            m.cure.replace(str(Path(m.file).parent), ""),
            m.severity,
        )
        for m in mistakes
    ]
