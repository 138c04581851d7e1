"""Joins a front-end, a reasoner and memory into calls, and lets people watch and steer them."""
