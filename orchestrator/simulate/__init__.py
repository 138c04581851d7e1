"""Simulated callers in text: made-up people ring a flow, and what came of it is held against what they know.

They were written without sight of the parsers, and hear nothing but the agent's words: docs/simulated-callers.md.
"""
