"""Keys for what is kept of people: bytes sealed at rest, and hashes to look them up by.

AES-256-GCM (NIST SP 800-38D) under a key that HKDF (RFC 5869) derives for each blob from a master key and a random
salt: however much is sealed, no nonce repeats under a key. Whose blob it is and which part is authenticated along,
so that blobs cannot be swapped. Keys have ids: the newest seals, each opens what it has sealed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from memory.errors import MemoryFailure

KEY_BYTES = 32
_MAGIC = b"\x00SFL1"  # no JSON begins so
_SALT_BYTES, _NONCE_BYTES = 16, 12
_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_NO_KEY = b"souffleur: nothing is secret here"


class BadKeys(MemoryFailure):
    """The keys that were given are none."""


class KeyMissing(MemoryFailure):
    """Something is sealed with a key that is not among those given."""


class WrongKey(MemoryFailure):
    """Something does not open with the key that it names: that one is another now, or the bytes were changed."""


@dataclass(frozen=True, slots=True)
class Key:
    """A master key. `secret`: 32 random bytes."""

    id: str
    secret: bytes = field(repr=False)


class Keyring:
    """Keys, newest first. Without any, nothing is sealed, and hashes are no secret.

    Args:
        keys: their ids differ.

    Raises:
        BadKeys: an id twice, an id that is none, a secret of another length.
    """

    def __init__(self, keys: Sequence[Key] = ()) -> None:
        ids = [key.id for key in keys]
        for key in keys:
            if not _ID.fullmatch(key.id):
                raise BadKeys(f"{key.id[:40]!r} is no id of a key; use letters, digits, - and _")
            if len(key.secret) != KEY_BYTES:
                raise BadKeys(
                    f"key {key.id} has {len(key.secret)} bytes; give {KEY_BYTES}: `souffleur callers key`"
                )
        if len(set(ids)) < len(ids):
            raise BadKeys(f"two keys have the same id ({', '.join(ids)}); give each its own")
        self._keys = {key.id: key for key in keys}
        self._of_marks = [_derived(key.secret, b"", b"souffleur marks") for key in keys]

    @property
    def seals(self) -> bool:
        return bool(self._keys)

    @property
    def newest(self) -> str:
        """The id of the key that seals, "" without any."""
        return next(iter(self._keys), "")

    def seal(self, data: bytes, about: str) -> bytes:
        """`data` under the newest key; as it is where there is none. Empty stays empty.

        Args:
            about: whose it is and which part; the same has to be said to open it.
        """
        if not self._keys or not data:
            return data
        key = self._keys[self.newest]
        salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
        head = _MAGIC + bytes([len(key.id)]) + key.id.encode()
        closed = AESGCM(_derived(key.secret, salt, b"souffleur seal")).encrypt(
            nonce, data, head + about.encode()
        )
        return head + salt + nonce + closed

    def open(self, data: bytes, about: str) -> bytes:
        """What was sealed; what was not is given back as it is.

        Raises:
            KeyMissing: its key is not here.
            WrongKey: it does not open, or was sealed about something else.
        """
        id_ = key_of(data)
        if id_ is None:
            return data
        key = self._keys.get(id_)
        if key is None:
            known = f"there are {', '.join(self._keys)}" if self._keys else "there are none"
            raise KeyMissing(
                f"this was sealed with the key {id_!r}, which is not among the keys given ({known}); "
                "add it behind the others: privacy.keys_env names their variable"
            )
        at = len(_MAGIC) + 1 + len(id_)
        head, salt = data[:at], data[at : at + _SALT_BYTES]
        at += _SALT_BYTES
        nonce, closed = data[at : at + _NONCE_BYTES], data[at + _NONCE_BYTES :]
        try:
            return AESGCM(_derived(key.secret, salt, b"souffleur seal")).decrypt(
                nonce, closed, head + about.encode()
            )
        except (InvalidTag, ValueError):
            raise WrongKey(
                f"this does not open with the key {id_!r}: another secret has that id now, or the bytes were "
                "changed; give the secret that sealed it"
            ) from None

    def mark(self, tenant: str, text: str) -> str:
        """What `text` is looked up by, with the newest key: HMAC-SHA256, hex."""
        return self.marks(tenant, text)[0]

    def marks(self, tenant: str, text: str) -> tuple[str, ...]:
        """The same with each key, newest first, and as it was before there were any."""
        told = f"{tenant}\0{text}".encode()
        return tuple(
            hmac.new(secret, told, hashlib.sha256).hexdigest() for secret in (*self._of_marks, _NO_KEY)
        )


def key_of(data: bytes) -> str | None:
    """The id of the key that sealed `data`, None where it is not sealed."""
    if not data.startswith(_MAGIC) or len(data) <= len(_MAGIC):
        return None
    length = data[len(_MAGIC)]
    return data[len(_MAGIC) + 1 : len(_MAGIC) + 1 + length].decode("ascii", errors="replace")


def new_key(id_: str) -> str:
    """A fresh key as `read_keys` takes it."""
    return f"{id_}:{base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()}"


def read_keys(text: str, where: str) -> Keyring:
    """Keys as they are written: `id:secret`, newest first, between commas or lines. A secret is 32 bytes in Base64.

    Args:
        where: what to call the place they stand in.

    Raises:
        BadKeys: with the place in `text`; a secret is never told.
    """
    keys = []
    for at, entry in enumerate(re.split(r"[,\n]", text), start=1):
        entry = entry.strip()
        if not entry:
            continue
        id_, colon, secret = entry.partition(":")
        if not colon:
            raise BadKeys(
                f"{where}: entry {at} has no colon; write `id:secret`, as `souffleur callers key` does"
            )
        try:
            raw = base64.b64decode(secret.strip().replace("-", "+").replace("_", "/"), validate=True)
        except (binascii.Error, ValueError):
            raise BadKeys(
                f"{where}: the secret of key {id_.strip()[:40]!r} is no Base64; make one with `souffleur callers key`"
            ) from None
        keys.append(Key(id_.strip(), raw))
    try:
        return Keyring(keys)
    except BadKeys as bad:
        raise BadKeys(f"{where}: {bad}") from None


def _derived(secret: bytes, salt: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt or None, purpose).derive(secret)
