"""The embedded front-end: holds calls, their children and the clock."""

from __future__ import annotations
