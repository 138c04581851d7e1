"""The settings file that `souffleur init` writes: what a deployment looks at first. All: docs/settings.md."""

from __future__ import annotations

FIRST_SETTINGS = """\
# Settings of Souffleur. What is commented out is the default. All of them: docs/settings.md.
# The environment wins over this file: SOUFFLEUR_SERVER__PORT=9000. Secrets belong there and not here.

# tenant = "default"          # whose calls these are
# max_calls = 4               # calls at once; one more hears that all are taken

[server]
# host = "127.0.0.1"          # this machine only. Others need a key or an issuer of tokens first
# port = 8420
# trusted_hosts = []          # names that browsers reach the server by, such as a reverse proxy's
# callers = "local"           # who may open calls: "local", "tickets" (POST /api/v1/tickets), or "anyone"

[data]
# folder = "~/.local/share/souffleur"   # calls, keys, knowledge, recordings
# record_audio = true

[api]
# issuer = ""                 # an OpenID Connect issuer whose tokens are taken beside keys
# audience = "souffleur"      # whom its tokens have to be for
# requests_per_minute = 600   # for each key
# ticket_key_env = ""         # the variable with the key that signs call tickets, the same on all servers

[log]
# level = "info"
# format = "auto"
"""
