"""What the files of the pack's folder say about it, for Pulumi Cloud.

Source: "Policy pack metadata" in Pulumi's documentation (the fields that Pulumi Cloud shows).
"""

from __future__ import annotations

import re
from pathlib import Path

import yaml

_FOLDER = Path(__file__).resolve().parent.parent
_IMAGE = re.compile(r"^!\[[^\]]*\]\([^)]*\)\n+", re.M)
_LINK_TO_A_FILE = re.compile(r"\[([^\]]*)\]\((?!https://)[^)]*\)")


def repository() -> str | None:
    """Return the URL of the pack's repository: `website` in PulumiPolicy.yaml, if it is set."""
    project = yaml.safe_load((_FOLDER / "PulumiPolicy.yaml").read_text(encoding="utf-8"))
    website: str | None = project.get("website")
    return website


def readme() -> str | None:
    """Return the text of README.md; None if a copy of the pack has no README.md.

    Images are left out, and links to files of the repository become text, because Pulumi Cloud
    doesn't have these files.
    """
    try:
        text = (_FOLDER / "README.md").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    return _LINK_TO_A_FILE.sub(r"\1", _IMAGE.sub("", text))
