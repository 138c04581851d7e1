"""Keys: what is sealed opens with the key that sealed it, for what it was sealed about, and never otherwise."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory.sealed import BadKeys, Key, KeyMissing, Keyring, WrongKey, key_of, new_key, read_keys

OLD, NEW = Key("2025", b"o" * 32), Key("2026", b"n" * 32)
ABOUT = "session\0clinic\0c1\0state"


@given(st.binary(min_size=1, max_size=2000), st.text(max_size=80))
@settings(max_examples=60, deadline=None)
def test_what_was_sealed_opens_to_the_last_bit_and_shows_nothing(data: bytes, about: str) -> None:
    keys = Keyring([NEW])
    sealed = keys.seal(data, about)
    assert keys.open(sealed, about) == data
    assert len(data) < 8 or data not in sealed
    assert keys.seal(data, about) != sealed


@given(st.binary(min_size=1, max_size=100), st.data())
@settings(max_examples=60, deadline=None)
def test_a_changed_bit_anywhere_is_noticed(data: bytes, chance: st.DataObject) -> None:
    keys = Keyring([NEW])
    sealed = bytearray(keys.seal(data, ABOUT))
    at = chance.draw(st.integers(len(b"\x00SFL1") + 1 + len(NEW.id), len(sealed) - 1))
    sealed[at] ^= 1 << chance.draw(st.integers(0, 7))
    with pytest.raises(WrongKey):
        keys.open(bytes(sealed), ABOUT)


@given(st.integers(0, 52))
def test_what_was_cut_off_is_noticed(length: int) -> None:
    keys = Keyring([NEW])
    sealed = keys.seal(b"something", ABOUT)[: 10 + length]
    with pytest.raises((WrongKey, KeyMissing)):
        keys.open(sealed, ABOUT)


def test_a_blob_does_not_open_in_the_place_of_another() -> None:
    keys = Keyring([NEW])
    with pytest.raises(WrongKey):
        keys.open(keys.seal(b"of c1", ABOUT), "session\0clinic\0c2\0state")


def test_the_newest_key_seals_and_old_ones_still_open() -> None:
    before, after = Keyring([OLD]), Keyring([NEW, OLD])
    sealed = before.seal(b"data", ABOUT)
    assert after.open(sealed, ABOUT) == b"data"
    assert key_of(after.seal(b"data", ABOUT)) == "2026"
    assert key_of(sealed) == "2025"


def test_a_key_that_is_not_there_is_named_with_those_that_are() -> None:
    sealed = Keyring([OLD]).seal(b"data", ABOUT)
    with pytest.raises(KeyMissing, match=r"'2025', which is not among the keys given \(there are 2026\)"):
        Keyring([NEW]).open(sealed, ABOUT)
    with pytest.raises(KeyMissing, match="there are none"):
        Keyring().open(sealed, ABOUT)


def test_another_secret_of_the_same_id_is_told_as_such() -> None:
    sealed = Keyring([Key("2026", b"x" * 32)]).seal(b"data", ABOUT)
    with pytest.raises(WrongKey, match="another secret has that id"):
        Keyring([NEW]).open(sealed, ABOUT)


def test_without_keys_nothing_changes_and_what_is_not_sealed_is_read_as_it_stands() -> None:
    assert Keyring().seal(b"data", ABOUT) == b"data"
    assert Keyring([NEW]).open(b'{"state": 1}', ABOUT) == b'{"state": 1}'
    assert Keyring([NEW]).seal(b"", ABOUT) == b""


def test_marks_are_the_same_for_the_same_and_tell_neither_text_nor_tenant() -> None:
    keys = Keyring([NEW, OLD])
    mark = keys.mark("clinic", "5552138841")
    assert mark == keys.mark("clinic", "5552138841") == keys.marks("clinic", "5552138841")[0]
    assert re.fullmatch("[0-9a-f]{64}", mark)
    assert mark not in (keys.mark("bank", "5552138841"), Keyring([OLD]).mark("clinic", "5552138841"))


def test_what_an_older_key_or_none_has_marked_is_found_still() -> None:
    told = Keyring([NEW, OLD]).marks("clinic", "x")
    assert Keyring([OLD]).mark("clinic", "x") in told
    assert Keyring().mark("clinic", "x") in told


def test_keys_are_read_newest_first_from_commas_or_lines() -> None:
    made = f"{new_key('b')},\n {new_key('a')} \n"
    assert read_keys(made, "KEYS").newest == "b"
    assert not read_keys(" \n", "KEYS").seals


SECRET = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("c2VjcmV0LXNlY3JldA==", "entry 1 has no colon"),
        ("a:no base64!", "the secret of key 'a' is no Base64"),
        ("a:c2VjcmV0LXNlY3JldA==", "key a has 13 bytes; give 32"),
        (f"a b:{SECRET}", "'a b' is no id"),
        (f"a:{SECRET},a:{SECRET}", "two keys have the same id"),
    ],
)
def test_keys_that_are_none_are_told_with_their_place_and_without_the_secret(text: str, told: str) -> None:
    with pytest.raises(BadKeys) as refused:
        read_keys(text, "CALLER_KEYS")
    assert str(refused.value).startswith("CALLER_KEYS: ")
    assert told in str(refused.value)
    assert "c2VjcmV0" not in str(refused.value) and "secret-secret" not in str(refused.value)


def test_a_key_does_not_show_its_secret() -> None:
    assert "n" * 32 not in repr(NEW)
