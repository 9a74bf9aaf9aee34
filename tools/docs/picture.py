"""Draw docs/rejected-preview.svg from a real, rejected preview: `python -m tools.docs.picture`.

The picture shows the engine's output in its colors, wrapped to the picture's width. Only the path
of this checkout is replaced by a dot.
"""

from __future__ import annotations

import io
import re
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tools import CHECKOUT
from tools.demo.__main__ import Unexpected, preview
from tools.sandbox import EngineMissing, Sandbox, ServiceFailed

PICTURE = CHECKOUT / "docs/rejected-preview.svg"
WIDTH = 112
"""Columns: enough for the engine's lines, and few enough for a README."""

# A picture in a README can't load the web font that Rich names. The layout fits other fonts, too.
_WEB_FONT = re.compile(r"@font-face\s*{[^}]*}\s*")


def draw(output: str) -> str:
    """Draw a terminal's output, with its color codes, as an SVG document."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print("[bold]$[/] pulumi preview --cwd examples/insecure --policy-pack .\n")
    for line in output.replace(str(CHECKOUT), ".").strip().splitlines():
        text = Text.from_ansi(line)
        indent = len(text.plain) - len(text.plain.lstrip())
        for part in text[indent:].wrap(console, WIDTH - indent):
            console.print(Text(" " * indent) + part)
    svg = console.export_svg(title="pulumi preview", unique_id="rejected-preview")
    return _WEB_FONT.sub("", svg)


def main() -> str | None:
    """Draw the picture, and return an error message if that fails."""
    try:
        with tempfile.TemporaryDirectory() as folder, Sandbox(Path(folder)) as sandbox:
            result = preview(sandbox, "insecure", "always")
    except (EngineMissing, ServiceFailed, Unexpected) as error:
        return str(error)
    if result.exit_code == 0:
        return f"The insecure example was not rejected:\n{result.output}"
    PICTURE.write_text(draw(result.stdout), encoding="utf-8")
    return None


if __name__ == "__main__":
    sys.exit(main())
