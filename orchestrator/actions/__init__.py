"""What flows ask of other systems: HTTP requests, tools of MCP servers, registered Python functions; all listed.

Begins at `run.open_actions`. Imports nothing here, so that `orchestrator.settings` can take its section from `allowed`.
"""
