"""Write docs/routes.md from the routes and their samples: `python -m tools.docs.routes`.

A test compares the file with the text that this module generates.
"""

from __future__ import annotations

from typing import Any

import yaml

from policies.routes import NOT_CHECKED
from tools import CHECKOUT

SAMPLES = CHECKOUT / "examples/samples"
PAGE = CHECKOUT / "docs/routes.md"

INTRODUCTION = """\
# Resource types that declare DynamoDB tables

<!-- Written by `make docs` from policies/routes and examples/samples. -->

The pack applies the same rule to tables that resources of any of these types declare. For each
type, this page shows which properties are checked, and samples with their verdicts: by default, and
with the setting `requireCustomerManagedKey`, which accepts customer managed keys only.

| verdict | result |
| --- | --- |
| accepted | Not reported |
| rejected | Reported as a violation of a mandatory policy |
| undetermined | Reported as a warning: a value is known only during the update, or only to AWS |

In a type, `<package>` is the name of any package. A resource of another type that names a DynamoDB
table, such as a component `acme:index:DynamoDBTable`, is undetermined. If it is a component that
contains a table of a checked type, only that table is checked.

## Checked types
"""


def samples() -> dict[str, dict[str, Any]]:
    """Return the files of samples: name → content."""
    return {
        file.stem: yaml.safe_load(file.read_text(encoding="utf-8"))
        for file in sorted(SAMPLES.glob("*.yaml"))
    }


def page() -> str:
    """Return the page's text."""
    parts = [INTRODUCTION]
    overview = ["| type | checked properties |", "| --- | --- |"]
    details = []
    for name, route in samples().items():
        types = route.get("types") or [route["type"]]
        judged = " ".join(route["judged"].split())
        overview += [f"| [`{resource_type}`](#{name}) | {judged} |" for resource_type in types]
        details += [
            f'## <a id="{name}"></a>{", ".join(f"`{resource_type}`" for resource_type in types)}\n',
            f"{' '.join(route['about'].split())} "
            f"Samples: [{name}.yaml](../examples/samples/{name}.yaml).\n",
            "| sample | default | customer managed keys only |\n| --- | --- | --- |",
            *(
                f"| {each['title']} | {each['default']} | {each['customerManagedKeysOnly']} |"
                for each in route["samples"]
            ),
            "",
        ]
    parts += ["\n".join(overview), "\n".join(details).rstrip()]
    parts.append(
        "## Types that aren't checked\n\n| type | reason |\n| --- | --- |\n"
        + "\n".join(f"| `{kind}` | {why} |" for kind, why in sorted(NOT_CHECKED.items()))
    )
    return "\n\n".join(part.strip() for part in parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
