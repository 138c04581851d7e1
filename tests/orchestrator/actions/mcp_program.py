"""A real MCP server with good, slow, failing and lying tools. Run as a program it speaks on stdin and stdout."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import anyio
from mcp.server.mcpserver import Context, MCPServer
from mcp_types import CallToolResult, TextContent, ToolAnnotations

calls: list[tuple[str, Any]] = []


def make_server() -> MCPServer:
    server = MCPServer("doubles")

    @server.tool()
    def balance(account: str) -> dict[str, Any]:
        """Good, with structured content."""
        return {"account": account, "balance": 12.5}

    @server.tool(structured_output=False)
    def as_text(account: str) -> str:
        """Good, with JSON as text."""
        return json.dumps({"account": account})

    @server.tool(structured_output=False)
    def prose() -> str:
        return "Your balance is twelve."

    @server.tool()
    async def slow() -> dict[str, Any]:
        await anyio.sleep(30)
        return {}

    @server.tool()
    def failing() -> dict[str, Any]:
        raise ValueError("no such account: 555 0100")

    @server.tool()
    def huge() -> dict[str, Any]:
        return {"text": "x" * 2_000_000}

    @server.tool(structured_output=False)
    def lying() -> CallToolResult:
        return CallToolResult(content=[TextContent(type="text", text="{not json")])

    @server.tool()
    async def book(day: str, ctx: Context) -> dict[str, Any]:  # type: ignore[type-arg]
        """A write that takes a while, and can be looked for in `calls`."""
        meta = ctx.request_context.meta
        calls.append((day, dict(meta) if meta else {}))
        await anyio.sleep(0.4)
        calls.append((day, "done"))
        return {"booked": day}

    @server.tool(annotations=ToolAnnotations(idempotent_hint=True))
    async def book_once(day: str) -> dict[str, Any]:
        calls.append((day, "once"))
        await anyio.sleep(30 if len(calls) == 1 else 0)
        return {"booked": day}

    @server.tool()
    def secret() -> dict[str, Any]:
        return {"token": os.environ.get("TOKEN"), "home": os.environ.get("SOUFFLEUR_TENANT")}

    @server.tool()
    def stderr() -> dict[str, Any]:
        return {"nowhere": os.fstat(2).st_rdev == Path(os.devnull).stat().st_rdev}

    @server.tool()
    def die() -> dict[str, Any]:
        os._exit(3)

    @server.tool()
    def pid() -> dict[str, Any]:
        return {"pid": os.getpid()}

    return server


if __name__ == "__main__":
    make_server().run("stdio")
