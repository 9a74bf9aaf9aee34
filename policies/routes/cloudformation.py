"""Tables declared in CloudFormation templates: stacks and stack sets of both AWS providers.

Each table of a template is one of its own, called by its logical id. What the template leaves open
(a nested stack, a macro, a condition on what only AWS knows) is told instead of guessed.

Sources: Pulumi Registry, "aws.cloudformation.Stack", "aws.cloudformation.StackSet",
"aws-native.cloudformation.Stack", "aws-native.cloudformation.StackSet" (the properties that hold a
template), "aws.cloudformation.StackSetInstance", "aws.cloudformation.StackInstances"; for templates
themselves see `policies/templates/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Sized
from dataclasses import replace

from ..encryption import (
    AWS_MANAGED_KEY,
    Alternatives,
    Declared,
    Hidden,
    KeyManager,
    KeyReference,
    KmsKey,
    Opaque,
    UnfitKey,
    Unknown,
    Unreadable,
    fault_of,
    read_key,
)
from ..templates import (
    Alias,
    BadTemplate,
    Context,
    Declaration,
    Key,
    PartlyHidden,
    PartlyUnknown,
    declarations,
    hidden_parts,
    parse,
)
from .cloudformation_parameters import OVERRIDES, context_of_stack, contexts_of_stack_set
from .cloudformation_types import GLOBAL_TABLE, READERS, SIMPLE_TABLE, TABLE
from .reading import region_of, value_of
from .source import Source
from .sse_specification import PASCAL

BODY = "templateBody"
URL = "templateUrl"

READ = {
    TABLE: (PASCAL.block, PASCAL.import_source),
    GLOBAL_TABLE: (PASCAL.block, PASCAL.replicas),
    SIMPLE_TABLE: (PASCAL.block,),
}
"""CloudFormation type → the properties that are evaluated; all others stay unread."""

MADE_BY_AWS = ("stackId", "stackSetId", "id", "arn", "outputs")
"""Outputs that are unknown until the stack is there; each type has some of them."""

_UNDECIDED = "\0"
_PARTLY_ARN = re.compile(r"arn:([^:]*):([^:\0]+):([^:]*):([^:]*):(.*)", re.DOTALL)


def tables_of_stack(source: Source) -> Iterable[Declared]:
    """What the template of a stack declares, in the stack's own Region."""
    region = region_of(source.properties, source.region)
    return _read(source, (context_of_stack(source, region),))


def tables_of_stack_set(source: Source) -> Iterable[Declared]:
    """What the template of a stack set declares, in whatever Regions it is deployed to."""
    return _read(source, contexts_of_stack_set(source))


def overrides_of_stack_set(source: Source) -> Iterable[Opaque]:
    """What a resource that adds instances to a stack set changes of its template: with parameters
    of its own, the tables are no longer those that are judged where the stack set is declared.
    """
    overrides = value_of(source.properties, OVERRIDES)
    if isinstance(overrides, (Unknown, Hidden)):
        yield Opaque(source.name, overrides, not_created_yet=_not_created_yet(source))
    elif overrides is not None and not (isinstance(overrides, Sized) and len(overrides) == 0):
        yield Opaque(source.name, _OVERRIDDEN, not_created_yet=_not_created_yet(source))


_OVERRIDDEN = Hidden(
    (), f"it gives {OVERRIDES} to a stack set, whose template is declared elsewhere"
)


def _not_created_yet(source: Source) -> bool:
    return any(isinstance(value_of(source.properties, it), Unknown) for it in MADE_BY_AWS)


def _read(source: Source, contexts: Sequence[Context]) -> Iterable[Declared]:
    not_created_yet = _not_created_yet(source)
    body = value_of(source.properties, BODY)
    if isinstance(body, (Unknown, Hidden)):
        # A provider plans the body as unknown where the program gives a URL.
        url = value_of(source.properties, URL)
        undecided = body if url is None else _behind_a_url(url)
        yield Opaque(source.name, undecided, not_created_yet=not_created_yet)
        return
    if body is None:
        url = value_of(source.properties, URL)
        yield Opaque(source.name, _behind_a_url(url), not_created_yet=not_created_yet)
        return
    template = parse(body)
    if isinstance(template, BadTemplate):
        yield Unreadable(source.name, template.reason, not_created_yet)
        return
    seen: set[Declared] = set()
    for context in contexts:
        for one in _in_context(template, context, source, not_created_yet):
            # Groups of a stack set mostly share what decides, and then have nothing new to tell.
            if one not in seen:
                yield one
            if len(contexts) > 1:
                seen.add(one)


def _in_context(
    template: Mapping[str, object], context: Context, source: Source, not_created_yet: bool
) -> Iterable[Declared]:
    found = declarations(template, READ, context)
    if isinstance(found, BadTemplate):
        yield Unreadable(source.name, found.reason, not_created_yet)
        return
    for declaration in found:
        yield _declared(declaration, source, context.region, not_created_yet)
    for part in hidden_parts(template, READ, context):
        yield Opaque(
            part.logical_id or source.name,
            part.why,
            within=source.name if part.logical_id else None,
            not_created_yet=not_created_yet,
        )


def _behind_a_url(url: object) -> Unknown | Hidden:
    if isinstance(url, Unknown):
        return url
    if url is None:
        return Hidden((), f"it has neither {BODY} nor {URL}")
    return Hidden((), f"its template is behind a URL ({URL})")


def _declared(
    declaration: Declaration, source: Source, region: str | None, not_created_yet: bool
) -> Declared:
    if declaration.refused is not None:
        return Unreadable(declaration.logical_id, declaration.refused, not_created_yet)
    if declaration.opaque is not None:
        return Opaque(
            declaration.logical_id,
            declaration.opaque,
            within=source.name,
            not_created_yet=not_created_yet,
        )
    read = READERS[declaration.type]
    tables = tuple(
        read(
            declaration.logical_id,
            {name: _in_the_domains_words(value) for name, value in properties.items()},
            at=("Resources", declaration.logical_id, "Properties"),
            region=region,
            not_created_yet=not_created_yet,
            within=source.name,
        )
        for properties in declaration.alternatives
    )
    if declaration.undecided is None and len(tables) == 1:
        return tables[0]
    undecided = declaration.undecided or Hidden((), "it depends on a condition of the template")
    return Alternatives(tables, undecided, declaration.may_be_absent)


def _in_the_domains_words(value: object) -> object:
    """`value` with each reference to a key of the template as what the domain calls it."""
    if isinstance(value, dict):
        return {name: _in_the_domains_words(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_in_the_domains_words(item) for item in value]
    if isinstance(value, Key):
        return _own_key(value)
    if isinstance(value, Alias):
        return _own_alias(value)
    if isinstance(value, (PartlyUnknown, PartlyHidden)):
        return _key_in_parts(value)
    return value


def _own_key(key: Key) -> KeyReference:
    of = key.properties
    fault = fault_of(of.get("KeySpec"), of.get("KeyUsage"), of.get("Enabled"))
    return KmsKey(KeyManager.CUSTOMER) if fault is None else UnfitKey(key.logical_id, fault)


def _own_alias(alias: Alias) -> KeyReference:
    if isinstance(alias.target, Key):
        return _own_key(alias.target)
    # Nobody but AWS makes aliases of AWS managed keys.
    return KmsKey(KeyManager.CUSTOMER)


def _key_in_parts(value: PartlyUnknown | PartlyHidden) -> KeyReference:
    """What a text names of which some parts are undecided, as far as the others tell."""
    text = value.text(_UNDECIDED)
    arn = _PARTLY_ARN.fullmatch(text)
    if arn is None:
        return _alias_in_parts(text) or value
    partition, service, region, account, resource = arn.groups()
    if service != "kms":
        return read_key(f"arn:aws:{service}:::")
    named = (
        KmsKey(KeyManager.CUSTOMER) if resource.startswith("key/") else _alias_in_parts(resource)
    )
    if named is None:
        return value
    return replace(
        named,
        partition=_decided(partition),
        region=_decided(region),
        account=_decided(account),
        resource=_decided(resource) or named.resource,
    )


def _decided(part: str) -> str | None:
    return part if part and _UNDECIDED not in part else None


def _alias_in_parts(name: str) -> KmsKey | None:
    if name.startswith("alias/aws/"):
        return AWS_MANAGED_KEY
    literal = name.removeprefix("alias/").partition(_UNDECIDED)[0]
    if name.startswith("alias/") and not "aws/".startswith(literal):
        return KmsKey(KeyManager.CUSTOMER, resource=_decided(name))
    return None
