"""Ogg-Opus piece by piece: what comes is heard, and what is none is told apart."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
import soundfile
import sphn
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.gateways.opus import BadOpus, NoOpus, OpusIn, OpusOut

RATE_HZ = 24_000
TONE = (0.4 * np.sin(2 * np.pi * 440 * np.arange(RATE_HZ * 2) / RATE_HZ)).astype(np.float32)


def stream(sound: np.ndarray) -> bytes:
    writer = sphn.OpusStreamWriter(RATE_HZ)
    return b"".join(writer.append_pcm(frame) for frame in sound.reshape(-1, 1920))


WHOLE = stream(TONE[: 1920 * 24])


def crc(page: bytes) -> int:
    """Ogg's own: polynomial 0x04c11db7, nothing inverted (RFC 3533)."""
    register = 0
    for byte in page:
        register ^= byte << 24
        for _ in range(8):
            register = (register << 1) ^ (0x04C11DB7 if register & 0x80000000 else 0)
        register &= 0xFFFFFFFF
    return register


def page(number: int, *, flags: int, segments: bytes, body: bytes) -> bytes:
    head = b"OggS\0" + bytes([flags]) + struct.pack("<qIII", -1, 42, number, 0) + bytes([len(segments)])
    made = head + segments + body
    return made[:22] + struct.pack("<I", crc(made)) + made[26:]


@pytest.mark.parametrize("rate_hz", [24_000, 16_000])
@pytest.mark.parametrize("size", [1, 100, 513, len(WHOLE)])
def test_a_stream_cut_anywhere_gives_the_same_blocks(rate_hz: int, size: int) -> None:
    hears = OpusIn(rate_hz)
    blocks = [b for at in range(0, len(WHOLE), size) for b in hears.feed(WHOLE[at : at + size])]
    assert {block.shape for block in blocks} == {(rate_hz // 50,)}
    assert blocks[0].dtype == np.float32
    heard = np.concatenate(blocks)
    assert abs(len(heard) / rate_hz - 24 * 0.08) < 0.05
    spectrum = np.abs(np.fft.rfft(heard[rate_hz // 2 :][:rate_hz] * np.hanning(rate_hz)))
    assert abs(int(np.argmax(spectrum)) - 440) <= 2


@pytest.mark.parametrize("channels", [1, 2])
def test_other_peoples_streams_are_heard_too(channels: int) -> None:
    file = io.BytesIO()
    soundfile.write(file, np.stack([TONE] * channels, 1), RATE_HZ, format="OGG", subtype="OPUS")
    heard = np.concatenate(list(OpusIn(RATE_HZ).feed(file.getvalue())))
    assert abs(len(heard) / RATE_HZ - 2) < 0.1 and np.abs(heard).max() > 0.2


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 30), st.binary(max_size=30)), max_size=6
    )
)
def test_whatever_comes_is_heard_or_refused(edits: list[tuple[int, int, bytes]]) -> None:
    data = WHOLE
    for at, cut, put in edits:
        data = data[:at] + put + data[at + cut :]
    hears = OpusIn(16_000)
    try:
        for block in hears.feed(data):
            assert block.shape == (320,) and np.isfinite(block).all()
    except BadOpus as told:
        assert "Ogg-Opus" in str(told)


def test_a_packet_that_never_ends_is_given_up() -> None:
    hears = OpusIn(RATE_HZ)
    list(hears.feed(WHOLE[:102]))  # the headers
    with pytest.raises(BadOpus, match="no page ends"):
        for number in range(2, 6):
            flags = 1 if number > 2 else 0
            list(hears.feed(page(number, flags=flags, segments=b"\xff" * 255, body=bytes(255 * 255))))


def test_what_is_too_loud_or_no_number_is_sent_as_sound_all_the_same() -> None:
    speaks, hears = OpusOut(RATE_HZ), sphn.OpusStreamReader(RATE_HZ)
    heard = []
    for value in [np.nan, np.inf, -np.inf, 1e30] * 10:
        heard.append(hears.append_bytes(speaks.feed(np.full(480, value, np.float32))))
    assert np.isfinite(np.concatenate(heard)).all()


def test_without_the_codec_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sphn", None)
    with pytest.raises(NoOpus, match=r"pip install 'souffleur\[opus\]'"):
        OpusIn(RATE_HZ)
