"""Figures. Each script takes --quick and --json, prints a table and one summary line, and fails where a goal is missed."""
