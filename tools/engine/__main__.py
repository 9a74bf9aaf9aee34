"""Find the Pulumi CLI, or build it: `python -m tools.engine`.

The environment variable SANDBOX_ENGINE names a version to build instead.
"""

from __future__ import annotations

import sys

from tools.engine import EngineMissing, find_engine, wanted_version
from tools.engine.build import build_engine
from tools.engine.versions import NEWEST


def main() -> str | None:
    """Print the engine, and return an error message if there is none."""
    try:
        try:
            engine = find_engine()
        except EngineMissing:
            engine = build_engine(wanted_version() or NEWEST)
    except EngineMissing as error:
        return f"sandbox: {error}"
    print(f"Pulumi engine {engine.version}: {engine.pulumi}")
    return None


if __name__ == "__main__":
    sys.exit(main())
