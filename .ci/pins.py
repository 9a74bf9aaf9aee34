"""Pin the newest versions that the development requirements allow. Run it with `make pins`."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST_PYTHON = 10
HEADER = """\
# The versions that development and CI install. Written by `make pins`.
# A package without support for Python 3.10 is pinned for newer versions of Python only.
"""


def resolve(pip: list[str], *requirements: str) -> dict[str, str]:
    """Return the constraint for each package that pip would install, by the package's name.

    Args:
        pip: the command that runs pip.
        requirements: requirements, and options of `pip install`.
    """
    command = [*pip, "install", "--quiet", "--dry-run", "--ignore-installed", "--report", "-"]
    report = subprocess.run([*command, *requirements], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return dict(constraint(item["metadata"]) for item in json.loads(report.stdout)["install"])


def constraint(metadata: dict[str, str]) -> tuple[str, str]:
    """Return a package's normalized name, and its version as a line of a constraints file."""
    name = re.sub(r"[-_.]+", "-", metadata["name"]).lower()
    pin = f"{name}=={metadata['version']}"
    minimum = re.search(r">=\s*3\.(\d+)", metadata.get("requires_python", ""))
    if minimum and int(minimum[1]) > OLDEST_PYTHON:
        pin += f'; python_version >= "3.{minimum[1]}"'
    return name, pin


def write(path: str, pins: dict[str, str]) -> None:
    """Write a constraints file."""
    lines = [pins[name] for name in sorted(pins)]
    (ROOT / path).write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Resolve the requirements in a temporary virtual environment, and write the files."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        pip = [f"{folder}/bin/python", "-m", "pip", "--disable-pip-version-check"]
        pins = resolve(pip, "-r", "requirements-dev.txt")
        write("constraints-dev.txt", pins)
        # One file pins both environments, so they agree on the packages that they share.
        aws_cli = resolve(pip, "awscli>=1.44,<2", "-c", "constraints-dev.txt")
        write("constraints-dev.txt", aws_cli | pins)
        write("tests/contract/constraints.txt", resolve(pip, "--no-deps", "pulumi-aws>=6,<7"))


if __name__ == "__main__":
    main()
