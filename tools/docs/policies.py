"""Write docs/policies/*.md, one page for each policy: `python -m tools.docs.policies`.

The prose is in tools/docs/pages, one Markdown template for each policy. The rest comes from the
policies: `{{ name }}` is replaced by a fact about the policy, and each example is run.

An example is a code block of resources in the form of a Pulumi YAML program, and the word after
`yaml` is the result that the example must have:

    ```yaml rejected
    orders:
      type: aws:dynamodb:Table
      properties:
        hashKey: id
    ```

A `json settings` block has the settings of the next example, for all policies. A reference such as
`${key.arn}` is a value that is known only during the update. `outputs` are the properties that the
stack's state records; a resource without `outputs` is new. A resource validation policy runs on the
last resource only.

A test compares the pages with the text that this module generates.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pulumi_policy import ResourceValidationPolicy

from policies import POLICIES
from policies.reporting.metadata import WHY
from policies.settings.schema import SCHEMA
from tools import CHECKOUT
from tools.docs import spellings
from tools.harness import UNKNOWN, Analyzer, Answer, PolicyInfo, Resource
from tools.policy_config.configuration import text_of

TEMPLATES = CHECKOUT / "tools/docs/pages"
PAGES = CHECKOUT / "docs/policies"

RESULTS = {
    "rejected": "The policy rejects it:",
    "warning": "The policy reports a warning:",
    "undetermined": "The preview reports a warning:",
    "exempt": "The policy reports itself as not applicable:",
    "remediated": "The policy changes the properties of the resource to:",
    "accepted": "",
}
"""Each result of an example, with the sentence that introduces the message."""

_BLOCK = re.compile(r"^```(json|yaml) (\w+)\n(.*?)^```$", re.M | re.S)
_FACT = re.compile(r"\{\{ (\w+) \}\}")
_REFERENCE = re.compile(r"\$\{(\w+)\.\w+\}")


def pages() -> dict[Path, str]:
    """Return the text of each page, by its path.

    Raises:
        ValueError: an example doesn't have the result that its template names.
    """
    texts = {}
    for policy in POLICIES:
        # The pack remembers what it has seen, and no example belongs to the run of another page.
        with Analyzer.start(CHECKOUT) as analyzer:
            page = _Page(analyzer.info().policy(policy.name), analyzer)
            texts[PAGES / f"{policy.name}.md"] = page.text()
    return texts


class _Page:
    """The page of one policy."""

    def __init__(self, policy: PolicyInfo, analyzer: Analyzer) -> None:
        self._policy = policy
        self._analyzer = analyzer
        self._settings: dict[str, Any] = {}

    def text(self) -> str:
        template = TEMPLATES / f"{self._policy.name}.md"
        text = template.read_text(encoding="utf-8")
        text = _BLOCK.sub(self._block, text)
        facts = _facts(self._policy)
        return _FACT.sub(lambda match: facts[match[1]], text)

    def _block(self, match: re.Match[str]) -> str:
        language, word, code = match.groups()
        shown = f"```{language}\n{code}```"
        if word == "settings":
            self._settings = json.loads(text_of(json.loads(code)))
            return shown
        settings, self._settings = self._settings, {}
        result, report = self._run(yaml.safe_load(code), settings)
        if result != word:
            raise ValueError(f"{self._policy.name}: this example is {result}, not {word}:\n{code}")
        return "\n\n".join(filter(None, (shown, RESULTS[result], report)))

    def _run(self, program: Mapping[str, Any], settings: dict[str, Any]) -> tuple[str, str]:
        """Run the policy on a program, and return the result and the text that shows it."""
        self._analyzer.configure(settings)
        is_stack = self._policy.kind == "stack"
        resources = [_resource(name, program, with_outputs=is_stack) for name in program]
        if is_stack:
            return self._result(self._analyzer.analyze_stack(resources))
        for remediation in self._analyzer.remediate(resources[-1]):
            return "remediated", f"```yaml\n{yaml.safe_dump(remediation.properties)}```"
        return self._result(self._analyzer.analyze(resources[-1]))

    def _result(self, answer: Answer) -> tuple[str, str]:
        name, description = self._policy.name, f"{self._policy.description}\n"
        violations = [report for report in answer.violations if report.policy == name]
        unknown = [report for report in answer.undetermined if report.policy == name]
        if violations:
            result = "warning" if self._policy.level == "advisory" else "rejected"
            messages = [report.message.removeprefix(description) for report in violations]
            return result, _quote("\n".join(messages))
        if unknown:
            return "undetermined", _quote(unknown[0].message)
        reason = answer.not_applicable.get(name)
        return ("exempt", _quote(reason)) if reason else ("accepted", "")


def _resource(name: str, program: Mapping[str, Any], *, with_outputs: bool) -> Resource:
    """Return a resource of a program as the engine passes it to a policy."""
    declared = program[name]
    properties = declared.get("outputs", declared.get("properties"))
    dependencies = {
        key: [_urn(other, program) for other in _REFERENCE.findall(str(value)) if other in program]
        for key, value in properties.items()
    }
    if with_outputs and "outputs" not in declared:
        # Outputs that the provider knows only after it has created the resource.
        properties = {**properties, "arn": UNKNOWN, "id": UNKNOWN}
    return Resource(
        _type(declared),
        _with_unknowns(properties),
        name,
        _urn(name, program),
        property_dependencies=dependencies,
    )


def _urn(name: str, program: Mapping[str, Any]) -> str:
    return f"urn:pulumi:production::shop::{_type(program[name])}::{name}"


def _type(declared: Mapping[str, Any]) -> str:
    """Return the type token of a resource, whose type can have the short form of Pulumi YAML."""
    package, module, name = declared["type"].split(":")
    if package != "aws" or "/" in module:
        return f"{package}:{module}:{name}"
    return f"{package}:{module}/{name[0].lower()}{name[1:]}:{name}"


def _with_unknowns(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_unknowns(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_unknowns(item) for item in value]
    is_reference = isinstance(value, str) and _REFERENCE.fullmatch(value)
    return UNKNOWN if is_reference else value


def _facts(policy: PolicyInfo) -> dict[str, str]:
    """Return the text for each placeholder."""
    (source,) = (each for each in POLICIES if each.name == policy.name)
    remediates = isinstance(source, ResourceValidationPolicy) and source.has_remediation()
    control = " ".join(policy.framework[part] for part in ("name", "version", "reference"))
    kind = f"{policy.kind.title()} validation"
    cells = (kind, policy.level, policy.severity, "Available" if remediates else "None")
    return {
        "title": f"# {policy.name}\n\n"
        "<!-- Generated by `make docs`. Edit the template in `tools/docs/pages/`. -->",
        "facts": "| Kind | Default level | Severity | Remediation |\n| --- | --- | --- | --- |\n"
        f"| {' | '.join(cells)} |\n\n{policy.description}",
        "header": f"[{policy.level}] [severity: {policy.severity}]  {policy.name}",
        "description": policy.description,
        "why": WHY,
        "settings": _settings_table(),
        "aws_managed": spellings.table("AWS managed key", spellings.ENABLED),
        "customer_managed": spellings.table(
            "Customer managed key, where `key` is an `aws.kms.Key`", spellings.WITH_KEY
        ),
        "fix": policy.remediation_steps.removesuffix(WHY).rstrip(),
        "url": policy.url,
        "framework": f"{control}: {policy.framework['specification']}",
        "tags": ", ".join(f"`{tag}`" for tag in policy.tags),
    }


def _settings_table() -> str:
    rows = [
        f"| `{name}` | {setting['type']} | `{json.dumps(setting['default'])}` "
        f"| {setting['description']} |"
        for name, setting in SCHEMA.items()
    ]
    heading = "| Setting | Type | Default | Description |\n| --- | --- | --- | --- |"
    return "\n".join((heading, *rows))


def _quote(message: str) -> str:
    return "\n>\n".join(f"> {line}" for line in message.splitlines())


def write() -> None:
    """Write the pages."""
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
