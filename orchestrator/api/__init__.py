"""The REST admin API, under /api/v1. docs/api.md walks through it."""
