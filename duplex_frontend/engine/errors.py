"""What can go wrong in the engine. Each says where, what, and how to mend it."""

from __future__ import annotations

from duplex_frontend.errors import FrontendError


class EngineError(FrontendError):
    """The engine cannot do what was asked."""


class MissingWeights(EngineError):
    """A file of the checkpoint is not there."""


class GatedModel(EngineError):
    """The hub wants a licence accepted, or a token."""


class WrongArchitecture(EngineError):
    """The checkpoint is of a shape that this engine does not serve."""


class CorruptFile(EngineError):
    """A file is there and cannot be read as what it should be."""


class TooLittleMemory(EngineError):
    """The model does not fit on the device."""


class BadVoice(EngineError):
    """A voice cannot be used."""


class PromptTooLong(EngineError):
    """The prompt leaves no room in the window for the call itself."""

    def __init__(self, frames: int, window: int, room: int) -> None:
        self.frames, self.window, self.room = frames, window, room
        super().__init__(
            f"the prompt takes {frames} frames (voice, silences and one for each role token) and the window holds "
            f"{window}, of which {room} are kept for the call; shorten the role text or the voice, or raise the window"
        )


class UnknownSeat(EngineError):
    """The seat is free, or has been given to another call since."""


class Unspeakable(EngineError):
    """The text cannot be written with the model's vocabulary."""
