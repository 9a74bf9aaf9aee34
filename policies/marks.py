"""How the engine marks values that a policy can't read, in whatever carries them.

Sources: Pulumi's Python policy SDK, pulumi_policy/proxy.py (the markers of unknown values); Pulumi
CLI, `pulumi policy analyze --help` (what it does with secrets that it can't decrypt).
"""

from __future__ import annotations

from pulumi_policy import proxy

from .encryption.values import Hidden, Unknown

_UNKNOWN = frozenset(
    (
        proxy.UNKNOWN_BOOLEAN_VALUE,
        proxy.UNKNOWN_NUMBER_VALUE,
        proxy.UNKNOWN_STRING_VALUE,
        proxy.UNKNOWN_ARRAY_VALUE,
        proxy.UNKNOWN_ASSET_VALUE,
        proxy.UNKNOWN_ARCHIVE_VALUE,
        proxy.UNKNOWN_OBJECT_VALUE,
    )
)

_REDACTED = "[secret]"
"""What stands in place of a secret, whatever its type, when `pulumi policy analyze --file` reads a
state file whose secrets it can't decrypt."""

_WHY_REDACTED = "it is a secret of a state file that could not be decrypted"


def marked(text: str, path: tuple[str, ...]) -> Unknown | Hidden | None:
    """What the string `text` at `path` stands for, where it is a mark; None where it is a value."""
    if text in _UNKNOWN:
        return Unknown(path, text)
    return Hidden(path, _WHY_REDACTED) if text == _REDACTED else None


def holds_unknown(document: str) -> bool:
    """Whether there is a marker of an unknown value in `document`. A program that writes a document
    itself may have put one there.
    """
    return any(marker in document for marker in _UNKNOWN)
