"""The texts of the policies are in plain English: no word that readers have to translate.

Each string, docstring, comment and name in `policies/` is checked. Users read the strings as
messages, reasons, descriptions of settings and metadata; maintainers read the others.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from itertools import count, takewhile
from pathlib import Path

import pytest

POLICIES = Path(__file__).resolve().parents[3] / "policies"
FILES = {str(path.relative_to(POLICIES)): path for path in sorted(POLICIES.rglob("*.py"))}

AVOIDED = {
    r"tell(s|ing)?|told": "report, show, warn, name",
    r"(say|says|said) of": "report, show",
    r"mend(s|ed|ing)?|remed(y|ies|ied)": "fix, remediate",
    r"stands?( in| for)?|stood": "is, is set to, means",
    r"nobody|no one": "no policy, can't be determined",
    r"whoever|whomever": "anyone who, the person who, you",
    r"whatever|in so many words": "any, explicitly",
    r"anew": "replaced, recreated",
    r"pass(es|ed|ing)? over|reach(es)? nobody": "ignores, is ignored",
    r"hand(s|ed|ing)? (on|out|over)": "passes, returns",
    r"(is|are|was|were|be) asked( about)?|asks about": "runs on, checks",
    r"(come|comes|came) (to|out as)": "evaluates to, results in",
    r"of (ours|yours|theirs|(its|their|your) own)": "our, its own + noun",
    r"in another form": "invalid",
    r"beside an": "compared with",
    r"such a one|that of the one|whichever it is|what is there": "the thing's name",
    r"(?<!there\s)(is|are|was|were) (no|none)(?! longer| more)": "is not a",
}
"""Expressions that our texts avoid, with what to write instead."""


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each string and each block of comments in a file, with its first line."""
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        elif isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
            yield node.lineno, "".join(map(str, parts))
    lines = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    for first in lines:
        if first - 1 not in lines:
            following = takewhile(lines.__contains__, count(first))
            yield first, "\n".join(lines[line] for line in following)


def faults(path: Path) -> Iterator[str]:
    """Yield each expression to avoid in a file, and each comprehension over `it`."""
    for first, text in texts(path):
        for avoided, instead in AVOIDED.items():
            pattern = rf"\b({avoided})\b".replace(" ", r"\s+")
            for match in re.finditer(pattern, text, re.IGNORECASE):
                line = first + text[: match.start()].count("\n")
                yield f"line {line}: {match[0]!r} (write {instead})"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.comprehension) and "it" in ast.unparse(node.target).split(", "):
            yield f"line {node.target.lineno}: 'for it in' (name the thing)"


@pytest.mark.parametrize("path", FILES.values(), ids=FILES)
def test_no_text_has_an_expression_to_avoid(path: Path) -> None:
    assert sorted(set(faults(path))) == []


def test_each_kind_of_text_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(
        '"""Docstring\nof two lines."""\n# A comment\n# of two lines.\n'
        'TEXT = "a joined " f"text {1} end"  # A trailing comment.\n',
        encoding="utf-8",
    )
    assert {
        (1, "Docstring\nof two lines."),
        (3, "A comment\nof two lines.\nA trailing comment."),
        (5, "a joined text … end"),
    } <= set(texts(path))
    assert list(faults(path)) == []
    path.write_text("# Nobody\n# hands\n# it on.\n[it for it in 'told' if it]\n", encoding="utf-8")
    assert [fault.partition(" (")[0] for fault in faults(path)] == [
        "line 4: 'told'",
        "line 1: 'Nobody'",
        "line 4: 'for it in'",
    ]
