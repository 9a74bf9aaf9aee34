"""From resources to a report: reads the tables of each, asks the rule, hands on the answers.

This is all that the policies have in common. A policy adds which resources it is shown, which of
their tables it asks about, and what it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from .encryption import (
    Declared,
    Exemption,
    Replica,
    Settings,
    Table,
    UnfitKey,
    Unknown,
    Violation,
    Why,
    judge,
    remedied,
)
from .reporting.report import Report
from .routes import declares_tables, may_show_nothing, remedy_of, route_of
from .routes.kms_keys import StackKeys, StackResource
from .routes.reading import value_of
from .routes.source import Source


class Provider(Protocol):
    """What the SDK tells of a resource's provider."""

    props: Mapping[str, Any]


class Resource(Protocol):
    """What the SDK tells of a resource, in resource policies and stack policies alike."""

    resource_type: str
    name: str
    urn: str
    props: Mapping[str, Any]

    @property
    def provider(self) -> Provider | None:
        """Its provider, where the engine knows it."""
        ...


def inspect(
    resources: Iterable[Resource], report: Report, settings: Settings
) -> list[tuple[str, str]]:
    """Tell `report` of everything that `resources` declare.

    Returns the name and the URN of each table, as exemptions are matched with them.
    """
    seen = []
    for resource in filter(_may_declare_tables, resources):
        names, was_read = [], False
        with report.resource(resource.name, resource.urn) as answer:
            for declared in _read(resource):
                names.append(declared.name)
                for verdict in judge(declared, settings, resource.urn):
                    answer(declared, verdict)
            was_read = bool(resource.props)
        # What can't be read, or not yet, goes by its resource's name.
        seen += [(name, resource.urn) for name in (names if was_read else [*names, resource.name])]
    return seen


def remedied_properties(resource: Resource, settings: Settings) -> Mapping[str, Any] | None:
    """The properties with which `resource` declares a table that complies; None where it does so
    already, or where that can't be told without a guess.
    """
    write = remedy_of(resource.resource_type)
    if write is None:
        return None
    try:
        (table,) = _read(resource)
        after = remedied(table, settings, resource.urn)
        if after is None or not isinstance(table, Table):
            return None
        write(resource.props, table, after)
    except Exception:  # noqa: BLE001 - it stays as it is, and is judged as it is
        return None
    return resource.props


def unused_exemptions(
    settings: Settings, seen: Iterable[tuple[str, str]], urn: str
) -> list[Exemption]:
    """The exemptions that cover none of the tables `seen`, each with its resource's URN, though
    they may be meant for the stack that the resource `urn` is in.
    """
    tables = list(seen)
    return [
        exemption
        for exemption in settings.exemptions
        if exemption.may_be_for_stack_of(urn) and not any(exemption.covers(*it) for it in tables)
    ]


def inspect_stack(resources: Sequence[Any], report: Report, settings: Settings) -> None:
    """Tell `report` of the tables that a stack has deployed, and of those whose key the stack
    makes itself and makes unfit.

    resources: all of the stack's, as the SDK hands them to a stack policy.

    A table that is still to be created is left out otherwise: its inputs have been judged.
    """
    keys: StackKeys | None = None
    for resource in filter(_may_declare_tables, resources):
        with report.resource(resource.name, resource.urn) as answer:
            keys = keys or StackKeys(resources)
            for declared in _read(resource):
                seen = _with_unfit_keys(declared, resource, keys) if keys.any_unfit else declared
                found_key = seen != declared
                for verdict in judge(seen, settings, resource.urn):
                    of_key = isinstance(verdict, Violation) and verdict.why is Why.UNFIT_KEY
                    if (of_key and found_key) or not declared.not_created_yet:
                        answer(seen, verdict)


def _may_declare_tables(resource: Resource) -> bool:
    return declares_tables(resource.resource_type)


def _read(resource: Resource) -> Iterable[Declared]:
    route = route_of(resource.resource_type)
    # Under a provider that is not configured yet, the engine plans a resource without outputs.
    if route is None or not (resource.props or may_show_nothing(resource.resource_type)):
        return ()
    region = None
    if resource.provider is not None:
        region = value_of(resource.provider.props, "region")
    return route(
        Source(
            type=resource.resource_type,
            name=resource.name,
            properties=resource.props,
            region=region if isinstance(region, str) and region else None,
        )
    )


def _all_known(replicas: tuple[Replica, ...]) -> bool:
    return not any(isinstance(it.key, Unknown) for it in replicas)


def _with_unfit_keys(declared: Declared, resource: StackResource, keys: StackKeys) -> Declared:
    """`declared` with each key that the stack makes unfit put in the place of what names it."""
    if not isinstance(declared, Table):
        return declared
    words = declared.wording

    def unfit(reference: object, place: str) -> UnfitKey | None:
        root = place.partition(".")[0].partition("[")[0]
        return keys.unfit(reference, resource.property_dependencies.get(root, ()))

    encryption, replicas = declared.encryption, declared.replicas
    if encryption is not None:
        key = unfit(encryption.key, words.key)
        encryption = encryption if key is None else replace(encryption, key=key)
    # The replicas' keys share one property: while they are unknown, which is whose can't be told.
    if isinstance(replicas, tuple) and (len(replicas) == 1 or _all_known(replicas)):
        place = words.key if declared.encryption is None else words.replica_key
        replicas = tuple(replace(it, key=unfit(it.key, place) or it.key) for it in replicas)
    return replace(declared, encryption=encryption, replicas=replicas)
