"""Frames survive however the pipe cuts them, and what is no frame is known for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duplex_frontend.cascade.ear_wire import LONGEST, Frame, FrameReader, Kind, NotAFrame, Phrases, Reading

FRAMES = st.lists(
    st.builds(Frame, st.sampled_from(Kind), st.integers(0, 2**32 - 1), st.binary(max_size=200)), max_size=10
)


@given(FRAMES, st.integers(1, 50))
def test_frames_come_out_as_they_went_in_however_the_bytes_are_cut(frames: list[Frame], cut: int) -> None:
    stream = b"".join(frame.encode() for frame in frames)
    reader = FrameReader()
    got = [frame for at in range(0, len(stream), cut) for frame in reader.feed(stream[at : at + cut])]
    assert got == frames


@pytest.mark.parametrize("stream", [b"Traceback (most recent call last)", b"\xff" * 9])
def test_what_is_no_frame_is_known_for_it(stream: bytes) -> None:
    with pytest.raises(NotAFrame):
        FrameReader().feed(stream)


def test_a_frame_longer_than_any_of_ours_is_none() -> None:
    head = Frame(Kind.PCM).encode()[:5] + (LONGEST + 1).to_bytes(4, "little")
    with pytest.raises(NotAFrame):
        FrameReader().feed(head)


@given(st.text(), st.text(), st.dictionaries(st.text(), st.text(), max_size=5))
def test_phrases_come_out_as_they_went_in(name: str, grammar: str, sounds: dict[str, str]) -> None:
    phrases = Phrases(name, grammar, sounds)
    assert Phrases.decode(phrases.encode()) == phrases


@given(st.text(), st.none() | st.floats(allow_nan=False), st.integers(0, 10**6))
def test_readings_come_out_as_they_went_in(text: str, score: float | None, frames: int) -> None:
    reading = Reading(text, score, frames)
    assert Reading.decode(reading.encode()) == reading
