"""`python -m tools.release [TAG]` says whether this checkout may be released, and what is to do first.

The tag comes from the argument, else from the CI that runs this. Without one, as on a laptop, the
rest is checked.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.release.check import refusals, version_of

FOLDER = Path(__file__).resolve().parents[2]
# Source: the variables that GitHub Actions and GitLab CI/CD set by themselves.
CI_TAGS = ("GITHUB_REF_NAME", "CI_COMMIT_TAG")


def main(argv: Sequence[str], env: Mapping[str, str], folder: Path = FOLDER) -> int:
    """Print the answer and return the exit code: 0 if it may be released.

    Args:
        argv: the tag, or nothing.
        env: the environment.
        folder: the pack's folder.
    """
    if len(argv) > 1:
        sys.stderr.write("usage: python -m tools.release [TAG]\n")
        return 2
    tags = [*argv, *(env.get(name, "") for name in CI_TAGS)]
    tag = next((it for it in tags if it), None)
    found = refusals(folder, tag)
    for refusal in found:
        sys.stderr.write(f"{refusal}\n")
    if not found:
        compared = f"tag {tag}" if tag else "no tag to compare"
        sys.stdout.write(f"Version {version_of(folder)} can be released ({compared}).\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
