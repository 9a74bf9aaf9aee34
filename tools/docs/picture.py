"""`python -m tools.docs.picture` draws docs/rejected-preview.svg from a real, rejected preview.

The engine's output is shown as it was printed, in its colours, wrapped to the picture's width;
only the path of this checkout is replaced by a dot.
"""

from __future__ import annotations

import io
import re
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tools.demo.__main__ import PACK, preview
from tools.sandbox import EngineMissing, Sandbox

PICTURE = PACK / "docs/rejected-preview.svg"
WIDTH = 112
"""Columns. Wide enough for the engine's own lines, narrow enough for a README."""

# Rich names a web font, which a picture in a README may not load. Its measures hold for any other.
_WEB_FONT = re.compile(r"@font-face\s*{[^}]*}\s*")


def draw(output: str) -> str:
    """Draw terminal `output`, with its colour codes, as an SVG document."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print("[bold]$[/] pulumi preview --cwd examples/insecure --policy-pack .\n")
    for line in output.replace(str(PACK), ".").strip().splitlines():
        text = Text.from_ansi(line)
        indent = len(text.plain) - len(text.plain.lstrip())
        for part in text[indent:].wrap(console, WIDTH - indent):
            console.print(Text(" " * indent) + part)
    svg = console.export_svg(title="pulumi preview", unique_id="rejected-preview")
    return _WEB_FONT.sub("", svg)


def main() -> str | None:
    """Draw the picture; returns what went wrong, if anything."""
    try:
        with tempfile.TemporaryDirectory() as folder, Sandbox(Path(folder)) as sandbox:
            result = preview(sandbox, "insecure", "always")
    except EngineMissing as missing:
        return str(missing)
    if result.exit_code == 0:
        return f"The insecure example was not rejected:\n{result.output}"
    PICTURE.write_text(draw(result.stdout), encoding="utf-8")
    return None


if __name__ == "__main__":
    sys.exit(main())
