"""The results as one HTML page, for a build's artifacts.

The page is as that of the audit: it loads nothing, its Content Security Policy allows only its own
style and script, and it contains only ASCII characters. It shows every result, those that passed or
are not applicable included. Without its script, it shows the same results, but can't filter them.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple, TextIO

from markupsafe import Markup

from audit.events.results import Outcome, PolicyRun
from audit.reports import html

from . import words

_FOLDER = "html_page"
_PAGE = Path(__file__).parent / _FOLDER
_AUDIT_STYLE = Path(html.__file__).parent / _FOLDER / "page.css"
_BUFFERED = 1_000


class Words(NamedTuple):
    """How the page shows an outcome.

    Attributes:
        label: its name.
        style: the class of its color and shape.
    """

    label: str
    style: str


OUTCOMES = {
    Outcome.VIOLATION: Words("Violation", "violation"),
    Outcome.WARNING: Words("Warning", "undetermined"),
    Outcome.REMEDIATED: Words("Remediated", "remediated"),
    Outcome.EXEMPT: Words("Exempt", "exempt"),
    Outcome.NOT_APPLICABLE: Words("Not applicable", "not_read"),
    Outcome.PASSED: Words("Passed", "compliant"),
}
"""Each outcome, in the order of the reports."""


def write(run: PolicyRun, out: TextIO) -> None:
    """Write the page."""
    style = "\n".join(
        file.read_text(encoding="utf-8") for file in (_AUDIT_STYLE, _PAGE / "page.css")
    )
    script = (_PAGE / "page.js").read_text(encoding="utf-8")
    packs = words.packs(run)
    stream = (
        html.environment(_PAGE)
        .get_template("page.html")
        .stream(
            run=run,
            headline=words.headline(run),
            stacks=words.stacks(run),
            outcomes=OUTCOMES,
            packs=packs,
            counts=Counter((result.pack, result.outcome) for result in run.results),
            pack_names=sorted({words.pack(pack) for pack in packs}),
            policies=sorted({words.label(result.policy) for result in run.results}),
            pack=words.pack,
            label=words.label,
            message=words.message,
            exception=words.reason,
            style=Markup(style),  # noqa: S704
            script=Markup(script),  # noqa: S704
            style_hash=html.source_hash(style),
            script_hash=html.source_hash(script),
        )
    )
    stream.enable_buffering(_BUFFERED)
    for chunk in stream:
        out.write(chunk.encode("ascii", "xmlcharrefreplace").decode("ascii"))
