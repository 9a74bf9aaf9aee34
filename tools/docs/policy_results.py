"""Write the reports that docs/policy-results.md shows, which are those of a real preview.

The preview runs this pack, and another one, as an organization can have.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

from tools import CHECKOUT
from tools.demo.__main__ import copy_example
from tools.docs.blocks import on_lines, replaced, without_spaces_at_ends
from tools.sandbox import Sandbox

PAGE = CHECKOUT / "docs/policy-results.md"
_PACK = """\
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

def check(args, report):
    if args.resource_type != "aws:dynamodb/table:Table":
        args.not_applicable("It is not a table.")
    if not args.props.get("tags", {}).get("team"):
        report("Set the tag `team`.")

policy = ResourceValidationPolicy(
    "team-tag", "Tables have the tag `team`.", check, EnforcementLevel.ADVISORY)
PolicyPack("my-org-tags", policies=[policy])
"""


def page(sandbox: Sandbox) -> str:
    """Return the page with the current reports.

    Args:
        sandbox: a fresh sandbox.
    """
    project = copy_example(sandbox, "insecure", "dev")
    tags = sandbox.folder / "tags"
    tags.mkdir()
    (tags / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 1.2.0\n", encoding="utf-8")
    (tags / "__main__.py").write_text(_PACK, encoding="utf-8")
    report = sandbox.folder / "policies.json"
    packs = [word for folder in (CHECKOUT, tags) for word in ("--policy-pack", str(folder))]
    done = subprocess.run(
        [
            *(str(CHECKOUT / "tools/audit"), "events", "--output", "table"),
            *("--output", f"json={report}", "--", "pulumi", "preview", "--json", *packs),
        ],
        cwd=project,
        env=sandbox.environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if not done.returncode:
        raise RuntimeError(f"The preview succeeded:\n{done.stdout}")
    content = json.loads(report.read_text(encoding="utf-8"))
    text = PAGE.read_text(encoding="utf-8")
    text = replaced(text, "terminal", without_spaces_at_ends(done.stdout))
    text = replaced(text, "summary", on_lines({"summary": content["summary"]}))
    return replaced(text, "json", json.dumps(content["results"][0], indent=2) + "\n")


def write() -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory() as folder, Sandbox(Path(folder)) as sandbox:
        PAGE.write_text(page(sandbox), encoding="utf-8")
