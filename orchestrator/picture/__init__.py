"""A call as a picture: its page, its lanes, and where words go."""
