"""A stand-in for the service's encryption of secrets. It protects nothing: the key is stored, too.

It has the properties of real encryption that a test can see: a ciphertext differs from the
plaintext and from earlier ciphertexts of the same value, and another stack's ciphertext is refused.

Left out: keys in a KMS, and the log of who decrypted which secret.
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
    """Return the key of a stack, which is created with the stack's first secret."""
    keys = store.read("keys")
    if stack_id not in keys:
        keys[stack_id] = secrets.token_hex(32)
        store.write("keys", keys)
    return bytes.fromhex(keys[stack_id])


def encrypt(key: bytes, plaintext: str) -> str:
    """Encrypt a value. Plaintext and ciphertext are base64."""
    nonce = secrets.token_bytes(_NONCE)
    masked = _mask(key, nonce, base64.b64decode(plaintext or ""))
    return base64.b64encode(nonce + _tag(key, nonce + masked) + masked).decode()


def decrypt(key: bytes, ciphertext: str) -> str:
    """Decrypt a value. Plaintext and ciphertext are base64.

    Raises:
        Refused: the value was not encrypted with this key.
    """
    data = base64.b64decode(ciphertext or "")
    nonce, tag, masked = data[:_NONCE], data[_NONCE : _NONCE + _TAG], data[_NONCE + _TAG :]
    if not hmac.compare_digest(tag, _tag(key, nonce + masked)):
        bad_request("invalid ciphertext")
    return base64.b64encode(_mask(key, nonce, masked)).decode()


def _mask(key: bytes, nonce: bytes, data: bytes) -> bytes:
    stream = hashlib.shake_256(key + nonce).digest(len(data))
    return bytes(a ^ b for a, b in zip(data, stream, strict=True))


def _tag(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")[:_TAG]
