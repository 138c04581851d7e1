"""Goal flows: scripts that a call-center supervisor can edit, compiled from YAML."""
