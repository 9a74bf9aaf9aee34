"""Check whether this checkout can be released: `python -m tools.release [TAG]`.

Without the argument, the tag comes from the CI service. Without any tag, as on a developer's
machine, the rest is checked.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools import CHECKOUT
from tools.release.check import faults_of, version_of

# Source: GitHub Actions, "Variables reference"; GitLab CI/CD, "Predefined CI/CD variables".
CI_TAGS = ("GITHUB_REF_NAME", "CI_COMMIT_TAG")


def main(argv: Sequence[str], env: Mapping[str, str], folder: Path = CHECKOUT) -> int:
    """Print the result, and return the exit code: 0 if the checkout can be released.

    Args:
        argv: the tag, or nothing.
        env: the environment.
        folder: the pack's folder.
    """
    if len(argv) > 1:
        sys.stderr.write("usage: python -m tools.release [TAG]\n")
        return 2
    tags = [*argv, *(env.get(name, "") for name in CI_TAGS)]
    tag = next(filter(None, tags), None)
    if faults := faults_of(folder, tag):
        sys.stderr.writelines(f"{fault}\n" for fault in faults)
        return 1
    compared = f"tag {tag}" if tag else "no tag to compare"
    sys.stdout.write(f"Version {version_of(folder)} can be released ({compared}).\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
