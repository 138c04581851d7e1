"""moshi compiles on a CPU unless it is told not to before it is imported."""

import os

os.environ.setdefault("NO_TORCH_COMPILE", "1")
