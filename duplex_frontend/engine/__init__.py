"""Many duplex calls in one batch on one GPU (see docs and ENGINE notes).

This package imports nothing by itself: the side that talks to the engine over a socket has no torch.
"""
