"""Preview the insecure and the secure example with the pack: `python -m tools.demo`.

The output is Pulumi's own. The command fails unless the first preview is rejected and the second
accepted. Nothing is deployed, and the sandbox of the previews is deleted afterwards.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tools import CHECKOUT
from tools.sandbox import EngineMissing, Result, Sandbox, ServiceFailed

COLOR = "always" if sys.stdout.isatty() else "never"


class Unexpected(Exception):  # noqa: N818 reads as what happened
    """A command should have ended differently. The message is for the reader."""


def copy_example(sandbox: Sandbox, name: str, stack: str) -> Path:
    """Copy an example into a sandbox, create its stack, and return the copy's folder."""
    folder = sandbox.folder / "examples" / name
    example = CHECKOUT / "examples" / name
    shutil.copytree(example, folder, ignore=shutil.ignore_patterns("Pulumi.*.yaml"))
    result = sandbox.pulumi("stack", "init", stack, cwd=folder)
    if result.exit_code:
        raise Unexpected(result.output)
    return folder


def preview(sandbox: Sandbox, name: str, color: str = "never") -> Result:
    """Preview a copy of the example `name` with the pack. `color` is "always" or "never".

    Source: Pulumi CLI reference, "pulumi preview".
    """
    folder = copy_example(sandbox, name, "dev")
    return sandbox.pulumi("preview", "--policy-pack", str(CHECKOUT), "--color", color, cwd=folder)


def show_outcome(result: Result, rejected: bool) -> None:
    """Print whether a preview was rejected, and raise `Unexpected` if that is wrong."""
    outcomes = {True: "Rejected", False: "Accepted"}
    print(f"=> {outcomes[result.exit_code != 0]}: exit code {result.exit_code}.", flush=True)
    if (result.exit_code != 0) != rejected:
        raise Unexpected(f"The preview should have been {outcomes[rejected].lower()}.")


def main() -> str | None:
    """Run the previews, and return an error message if one ends unexpectedly."""
    try:
        with tempfile.TemporaryDirectory() as folder, Sandbox(Path(folder)) as sandbox:
            for name, rejected in (("insecure", True), ("secure", False)):
                print(f"\n$ pulumi preview --cwd examples/{name} --policy-pack .\n", flush=True)
                result = preview(sandbox, name, COLOR)
                print(result.stdout, result.stderr, sep="")
                show_outcome(result, rejected)
    except (EngineMissing, ServiceFailed, Unexpected) as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main())
