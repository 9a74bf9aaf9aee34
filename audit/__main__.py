"""Run the audit: `python -m audit`."""

from __future__ import annotations

import sys

from audit.commands import main
from audit.commands.run import WRONG_USAGE, failure_of

if __name__ == "__main__":
    try:
        main(prog_name="python -m audit")
    except Exception as error:  # noqa: BLE001 - Python's own exit code would mean a violation
        print(f"Error: {failure_of(error)}", file=sys.stderr)  # noqa: T201
        sys.exit(WRONG_USAGE)
