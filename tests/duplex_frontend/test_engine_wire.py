"""The engine's wire: whatever is cut anywhere comes out whole, and what is not of it is refused with a reason."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duplex_frontend.engine import framing, wire
from duplex_frontend.engine.wire import WireError

TEXT = st.text(max_size=40)
MESSAGES = st.one_of(
    st.builds(wire.Open, call=st.integers(0, 9), role=TEXT, voice=TEXT, quiet=st.booleans()),
    st.builds(wire.Whisper, call=st.integers(0, 9), revision=st.integers(0, 99), role=TEXT),
    st.builds(wire.Say, call=st.integers(0, 9), line=st.integers(0, 9), words=st.tuples(st.text("abé", min_size=1, max_size=9))),
    st.builds(wire.Frame, call=st.integers(0, 9), number=st.integers(0, 1 << 20), token=st.integers(0, 32000), spoken=st.tuples(st.integers(0, 9))),
    st.builds(wire.Receipt, call=st.integers(0, 9), revision=st.integers(0, 9), outcome=st.sampled_from(wire.Outcome), text=TEXT),
)  # fmt: skip


@given(st.lists(st.tuples(MESSAGES, st.binary(max_size=300)), max_size=8), st.lists(st.integers(1, 60)))
def test_messages_come_out_whole_however_the_stream_is_cut(
    sent: list[tuple[wire.Message, bytes]], cuts: list[int]
) -> None:
    stream = b"".join(framing.pack(message, body) for message, body in sent)
    unpacker, came, at = framing.Unpacker(framing.TO_ENGINE), [], 0
    for cut in [*cuts, len(stream)]:
        came += list(unpacker.feed(stream[at : at + cut]))
        at += cut
    assert came == sent


@given(st.binary(min_size=6, max_size=200))
def test_garbage_is_refused_or_waited_for_and_nothing_else(garbage: bytes) -> None:
    try:
        came = list(framing.Unpacker(1000).feed(garbage))
    except WireError:
        return
    assert came == []


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (b"{", "JSON"),
        (b'{"kind": "sing", "call": 1}', "kind"),
        (b'{"kind": "close", "call": 1, "volume": 3}', "volume"),
        (b'{"kind": "close", "call": -1}', "call"),
        (b'{"kind": "hold", "call": 1, "frames": 6}', "frames"),
        (b'{"kind": "say", "call": 1, "line": 0, "words": []}', "words"),
        (b"[1]", "head"),
        (b"\xff\xfe", "JSON"),
    ],
)
def test_a_wrong_head_is_refused_with_its_place(head: bytes, says: str) -> None:
    stream = struct.pack("<IH", 2 + len(head), len(head)) + head
    with pytest.raises(WireError, match=says):
        list(framing.Unpacker(1000).feed(stream))


def test_a_message_that_claims_to_be_huge_is_refused_before_it_came() -> None:
    with pytest.raises(WireError, match="does not speak this protocol"):
        list(framing.Unpacker(framing.TO_ENGINE).feed(struct.pack("<IH", 1 << 31, 10)))
    with pytest.raises(WireError, match="65,535"):
        framing.pack(wire.Fault(text="a" * 70_000))


def test_sound_is_whole_blocks_of_20_ms() -> None:
    sound = np.linspace(-1, 1, 960, dtype=np.float32)
    assert np.array_equal(framing.sound_of(sound.tobytes()), sound)
    for wrong in (b"", b"\0" * 1919, b"\0" * 1924, b"\0" * (1920 * 51)):
        with pytest.raises(WireError, match="blocks of 480"):
            framing.sound_of(wrong)


def test_another_version_is_said_in_words() -> None:
    framing.check_preamble(framing.preamble(), "the engine")
    other = framing.PREAMBLE.pack(framing.MAGIC, framing.VERSION + 1)
    with pytest.raises(
        WireError, match=f"version {framing.VERSION + 1} .* this side {framing.VERSION}; install the same"
    ):
        framing.check_preamble(other, "the engine")
    with pytest.raises(WireError, match="check the address"):
        framing.check_preamble(b"HTTP/1", "the client")


def test_a_proof_shows_the_token_to_nobody_and_fits_one_nonce_only() -> None:
    proof = framing.proof_of("secret", b"n" * 32)
    assert "secret" not in proof
    assert framing.proves(proof, "secret", b"n" * 32)
    assert not framing.proves(proof, "secret", b"m" * 32)
    assert not framing.proves(proof, "secreT", b"n" * 32)
    assert not framing.proves("é", "secret", b"n" * 32)


def test_heads_stay_readable_for_other_languages() -> None:
    packed = framing.pack(wire.Hold(call=3, frames=2))
    size, head = struct.unpack_from("<IH", packed)
    assert size == len(packed) - 4
    assert json.loads(packed[6 : 6 + head]) == {"kind": "hold", "call": 3, "frames": 2}
