"""`python -m tools.demo` previews the insecure example and the secure one, held to the pack.

It shows Pulumi's own output and fails unless the first is rejected and the second accepted. Both
are deployed nowhere: they run in a sandbox that is gone afterwards.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tools.sandbox import EngineMissing, Result, Sandbox

PACK = Path(__file__).resolve().parents[2]
EXAMPLES = PACK / "examples"


def preview(sandbox: Sandbox, name: str, color: str = "never") -> Result:
    """Preview the example called `name` with the pack, in a copy of its folder.

    color: "always" or "never".

    Source of the words: Pulumi CLI reference, "pulumi preview".
    """
    folder = sandbox.folder / "examples" / name
    shutil.copytree(EXAMPLES / name, folder, ignore=shutil.ignore_patterns("Pulumi.*.yaml"))
    made = sandbox.pulumi("stack", "init", "dev", cwd=folder)
    if made.exit_code != 0:
        return made
    return sandbox.pulumi("preview", "--policy-pack", str(PACK), "--color", color, cwd=folder)


def main() -> str | None:
    """Run the previews; returns what went wrong, if anything."""
    color = "always" if sys.stdout.isatty() else "never"
    try:
        with tempfile.TemporaryDirectory() as folder, Sandbox(Path(folder)) as sandbox:
            for name, rejected in (("insecure", True), ("secure", False)):
                print(f"\n$ pulumi preview --cwd examples/{name} --policy-pack .\n", flush=True)
                result = preview(sandbox, name, color)
                print(result.stdout, result.stderr, sep="")
                outcome = "Rejected" if result.exit_code else "Accepted"
                print(f"=> {outcome}: exit code {result.exit_code}.", flush=True)
                if (result.exit_code != 0) != rejected:
                    return f"That is not what the {name} example is for: see above."
    except EngineMissing as missing:
        return str(missing)
    return None


if __name__ == "__main__":
    sys.exit(main())
