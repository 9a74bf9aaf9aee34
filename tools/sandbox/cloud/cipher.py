"""A stand-in for the service's encryption of secrets. It is no protection: the key lies beside.

It does what a test can see of real encryption: a ciphertext differs from the plaintext and from the
ciphertext of the same value before, and that of another stack is refused.

Left out: keys in a KMS, the log of who decrypted what.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from tools.sandbox.cloud.api import bad_request
from tools.sandbox.cloud.store import Store

_NONCE, _TAG = 12, 16


def key_of(store: Store, stack_id: str) -> bytes:
    """Return the key of a stack, which is made for its first secret."""
    keys = store.read("keys")
    if stack_id not in keys:
        keys[stack_id] = secrets.token_hex(32)
        store.write("keys", keys)
    return bytes.fromhex(keys[stack_id])


def encrypt(key: bytes, plaintext: str) -> str:
    """Encrypt a value; both are base64."""
    nonce = secrets.token_bytes(_NONCE)
    hidden = _mask(key, nonce, base64.b64decode(plaintext or ""))
    return base64.b64encode(nonce + _tag(key, nonce + hidden) + hidden).decode()


def decrypt(key: bytes, ciphertext: str) -> str:
    """Decrypt a value; both are base64.

    Raises:
        Refused: it was not encrypted with this key.
    """
    data = base64.b64decode(ciphertext or "")
    nonce, tag, hidden = data[:_NONCE], data[_NONCE : _NONCE + _TAG], data[_NONCE + _TAG :]
    if not hmac.compare_digest(tag, _tag(key, nonce + hidden)):
        bad_request("invalid ciphertext")
    return base64.b64encode(_mask(key, nonce, hidden)).decode()


def _mask(key: bytes, nonce: bytes, data: bytes) -> bytes:
    stream = hashlib.shake_256(key + nonce).digest(len(data))
    return bytes(a ^ b for a, b in zip(data, stream, strict=True))


def _tag(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")[:_TAG]
