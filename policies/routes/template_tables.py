"""Read the tables of a CloudFormation template that a Pulumi resource declares.

Each table of a template is its own declaration, named by its logical ID. Where the
template leaves something open (a nested stack, a macro, a condition on what only AWS knows), the
tables are unread or conditional instead of guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ..encryption.arns import Arn
from ..encryption.keys import (
    AWS_ALIAS_PREFIX,
    AWS_MANAGED_ALIAS,
    AWS_MANAGED_KEY,
    KeyManager,
    KmsKey,
    NotAKmsKey,
    PendingKey,
    UnusableKey,
    read_key,
    why_unusable,
)
from ..encryption.tables import (
    ConditionalTable,
    Declaration,
    InvalidDeclaration,
    KeyReference,
    Switches,
    UnreadTables,
)
from ..encryption.values import Hidden, Unknown, Unreadable, WrongType, json_type
from ..snapshot import Snapshot, has_unknowns, mark_unknowns
from ..templates import (
    Alias,
    Budgets,
    Context,
    HiddenPart,
    InvalidTemplate,
    Key,
    PartialText,
    Template,
    TemplateResource,
    parse,
)
from .cloudformation_types import SPELLINGS
from .reading import is_not_created_yet, region_in
from .sse_specification import PASCAL_TABLE
from .tables import read_table
from .template_contexts import context_of_stack, contexts_of_stack_set
from .template_properties import BODY, MADE_BY_AWS, URL

_EVALUATED = {kind: spelling.table_properties for kind, spelling in SPELLINGS.items()}
"""Each CloudFormation type of a table with the properties that are evaluated."""

_SUBJECTS = dict(
    zip(
        Switches._fields,
        ((PASCAL_TABLE.enabled,), (PASCAL_TABLE.sse_type,), (PASCAL_TABLE.key,)),
        strict=True,
    )
)
"""Each field of `Switches` with the properties that it is about."""

_MAY_DECLARE = re.compile(
    r"(?i:dynamo)|SimpleTable|Fn::Transform|!Transform|\bTransform[\"']?\s*:|AWS::Include"
    r"|CloudFormation::Macro"
)
"""What a text contains that declares a table, or that uses a macro or an include that may."""

_NAMES_KEY = re.compile(r"arn:|alias/|(?:mrk-)?[0-9a-f]{8}")
"""How a text starts that names a KMS key."""

_PLACEHOLDER = "\0"


def tables_of_stack(snapshot: Snapshot) -> Iterable[Declaration]:
    """Read the template of a stack."""
    return _read(snapshot, (context_of_stack(snapshot, region_in(snapshot)),))


def tables_of_stack_set(snapshot: Snapshot) -> Iterable[Declaration]:
    """Read the template of a stack set."""
    return _read(snapshot, contexts_of_stack_set(snapshot))


def _read(snapshot: Snapshot, contexts: Sequence[Context]) -> Iterable[Declaration]:
    not_created_yet = is_not_created_yet(snapshot, MADE_BY_AWS)
    structure = _structure(snapshot)
    if isinstance(structure, Unreadable):
        yield UnreadTables(snapshot.name, structure, not_created_yet=not_created_yet)
        return
    if isinstance(structure, InvalidTemplate):
        yield InvalidDeclaration(snapshot.name, structure.reason, not_created_yet)
        return
    is_json = _is_json(snapshot.properties.get(BODY))
    seen: set[Declaration] = set()
    budgets = Budgets()
    for context in contexts:
        template = Template.read(structure, context)
        for part in template.resources(_EVALUATED, budgets, _SUBJECTS):
            declaration = _declaration(part, snapshot, context, not_created_yet, json=is_json)
            # The groups of a stack set mostly declare the same tables.
            if declaration not in seen:
                yield declaration
            if len(contexts) > 1:
                seen.add(declaration)


def _structure(snapshot: Snapshot) -> Mapping[str, object] | Unreadable | InvalidTemplate:
    body, url = snapshot.properties.get(BODY), snapshot.properties.get(URL)
    if isinstance(url, Unknown):
        return url
    if url not in (None, ""):
        # A provider plans an update with the body that it recorded for the previous URL.
        return Hidden(f"the template is behind a URL ({URL})")
    if body is None:
        return Hidden(f"the resource sets neither {BODY} nor {URL}")
    if isinstance(body, Unreadable):
        return body
    if isinstance(body, dict):
        return body
    if not isinstance(body, str):
        found = body.found if isinstance(body, WrongType) else json_type(body)
        return InvalidTemplate(f"{BODY} is {found} instead of a template")
    structure = parse(body)
    if isinstance(structure, InvalidTemplate):
        # Only a text that can declare a table must be readable.
        return structure if _MAY_DECLARE.search(body) else Hidden(structure.reason)
    if not has_unknowns(body):
        return structure
    marked = mark_unknowns(structure, (BODY,))
    return marked if isinstance(marked, dict) else InvalidTemplate(f"{BODY} is too large")


def _is_json(body: object) -> bool:
    """Return whether a line to paste into a template must be JSON, which flow YAML accepts, too."""
    return not isinstance(body, str) or body.lstrip("\ufeff \t\r\n").startswith("{")


def _declaration(
    part: TemplateResource | HiddenPart,
    snapshot: Snapshot,
    context: Context,
    not_created_yet: bool,
    *,
    json: bool,
) -> Declaration:
    if isinstance(part, HiddenPart):
        template_of = snapshot.name if part.logical_id else None
        name = part.logical_id or snapshot.name
        return UnreadTables(name, part.cause, template_of, not_created_yet)
    spelling = SPELLINGS[part.type]
    tables = tuple(
        read_table(
            part.logical_id,
            {name: _plain(value) for name, value in properties.items()},
            spelling,
            region=context.region if isinstance(context.region, str) else None,
            account=context.account,
            not_created_yet=not_created_yet,
            template_of=snapshot.name,
            json=json,
            switches=Switches(**part.switches),
        )
        for properties in part.cases
    )
    if part.cause is None and len(tables) == 1:
        return tables[0]
    cause = part.cause or Hidden("the table depends on a condition of the template")
    return ConditionalTable(tables, cause, part.may_be_absent, part.switches_of_existence)


def _plain(value: object) -> object:
    """Return an evaluated value with each reference to a key of the template as a KeyReference."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, Key):
        return _key(value)
    if isinstance(value, Alias):
        # Only AWS creates aliases of AWS managed keys.
        return _key(value.target) if isinstance(value.target, Key) else _CUSTOMER_MANAGED
    if isinstance(value, WrongType):
        return Hidden(f"the value is {value.found}")
    return _partial_key(value) if isinstance(value, PartialText) else value


_CUSTOMER_MANAGED = KmsKey(KeyManager.CUSTOMER)


def _key(key: Key) -> KeyReference:
    spec, usage, enabled, origin = map(
        key.properties.get, ("KeySpec", "KeyUsage", "Enabled", "Origin")
    )
    fault = why_unusable(spec, usage, enabled)
    if fault is None:
        return _CUSTOMER_MANAGED
    # KMS ignores Enabled for a key with imported material, and enables it after the import.
    if origin == "EXTERNAL" and why_unusable(spec, usage, None) is None:
        return PendingKey(key.logical_id)
    return UnusableKey(key.logical_id, fault)


def _partial_key(value: PartialText) -> KeyReference:
    """Return the key that a text names as far as its readable parts show, or why they don't."""
    if value.texts and all(_is_customer_managed(text) for text in value.texts):
        return _CUSTOMER_MANAGED
    text = value.text(_PLACEHOLDER)
    arn = Arn.parse(text)
    if arn is None:
        return _partial_alias(text) or value.cause
    if not arn.service or _PLACEHOLDER in arn.service:
        return value.cause
    if arn.service != "kms":
        return read_key(str(Arn("aws", arn.service, "", "", "")))
    named = _CUSTOMER_MANAGED if arn.resource.startswith("key/") else _partial_alias(arn.resource)
    if not isinstance(named, KmsKey):
        return named or value.cause
    return replace(
        named,
        partition=_readable(arn.partition),
        region=_readable(arn.region),
        account=_readable(arn.account),
        resource=_readable(arn.resource) or named.resource,
    )


def _is_customer_managed(text: str) -> bool:
    if not _NAMES_KEY.match(text):
        return False  # such as "true", which has the form of a key ID
    key = read_key(text)
    return isinstance(key, KmsKey) and key.manager is KeyManager.CUSTOMER


def _partial_alias(name: str) -> KmsKey | NotAKmsKey | None:
    literal = name.partition(_PLACEHOLDER)[0]
    if name.startswith(AWS_ALIAS_PREFIX):
        if literal != name and AWS_MANAGED_ALIAS.startswith(literal):
            return AWS_MANAGED_KEY
        return read_key(name.replace(_PLACEHOLDER, "-"))
    if name.startswith("alias/") and not AWS_ALIAS_PREFIX.startswith(literal):
        return replace(_CUSTOMER_MANAGED, resource=_readable(name))
    return None


def _readable(part: str) -> str | None:
    return part if part and _PLACEHOLDER not in part else None
