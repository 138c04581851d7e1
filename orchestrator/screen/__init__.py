"""A call on a terminal: what is seen of it, and how that is drawn."""
