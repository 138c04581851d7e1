"""moshi compiles on a CPU unless it is told not to before it is imported, and Triton needs a GPU unless it is told to interpret."""

import importlib.util
import os

os.environ.setdefault("NO_TORCH_COMPILE", "1")
if importlib.util.find_spec("torch") is not None:
    import torch

    if not torch.cuda.is_available():
        os.environ.setdefault("TRITON_INTERPRET", "1")
