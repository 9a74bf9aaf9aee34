"""From resources to findings: read what each declares, and judge it.

All policies share this. A policy decides which resources it passes, which findings it reports, and
in which words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from .encryption.rule import judge
from .encryption.tables import Declaration
from .encryption.verdicts import Verdict
from .exemptions import Exemption
from .routes.route import Route
from .settings.settings import Settings
from .snapshot import Operation, Resource, operation, take

_Resource = TypeVar("_Resource", bound=Resource)


@dataclass(frozen=True)
class Exempt:
    """The declaration is not judged, because an exemption covers it."""

    exemption: Exemption


@dataclass(frozen=True)
class WrongSettings:
    """The declaration is not judged, because the settings are wrong."""

    faults: tuple[str, ...]


@dataclass(frozen=True)
class Failure:
    """The pack failed on the resource, because of a bug in the pack.

    Attributes:
        error: the class name of the exception.
    """

    error: str


@dataclass(frozen=True)
class Finding:
    """One verdict about one declaration of a resource.

    Attributes:
        resource: the resource's name.
        urn: the resource's URN.
        declaration: what is judged; None for a failure.
        verdict: the rule's verdict, or why there is none.
        expired: the exemption that covered the declaration until it expired.
        operation: what the engine does.
        ignored: the paths of the resource option `ignoreChanges`. The engine keeps the old values
            of these properties.
    """

    resource: str
    urn: str
    declaration: Declaration | None
    verdict: Verdict | Exempt | WrongSettings | Failure
    expired: Exemption | None = None
    operation: Operation = Operation.UPDATE
    ignored: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name that exemptions match: the declaration's, or the resource's."""
        return self.resource if self.declaration is None else self.declaration.name


def findings(
    resources: Iterable[tuple[_Resource, Route]],
    settings: Settings,
    prepare: Callable[[Declaration, _Resource], Declaration] | None = None,
    during: Operation | None = None,
) -> Iterator[Finding]:
    """Yield the findings of some resources. Nothing raises.

    Args:
        resources: the resources, each with its route.
        settings: the settings of the policy.
        prepare: adds to a declaration what other resources show about it.
        during: what the engine does; None in a policy, whose environment shows it.
    """
    during = during or operation()
    for resource, route in resources:
        # Under a provider that is not configured yet, the engine plans resources without outputs.
        if not resource.props and not route.without_properties:
            continue
        try:
            for declaration in route.read(take(resource, route.properties, during)):
                prepared = prepare(declaration, resource) if prepare else declaration
                verdicts, expired = _judge(prepared, resource.urn, settings)
                for verdict in verdicts:
                    yield Finding(
                        resource.name,
                        resource.urn,
                        prepared,
                        verdict,
                        expired,
                        during,
                        tuple(resource.opts.ignore_changes),
                    )
                if settings.faults:
                    break  # what is wrong with the settings is reported once for a resource
        except Exception as error:  # noqa: BLE001 - an exception would end the whole update
            yield Finding(resource.name, resource.urn, None, Failure(type(error).__name__))


def _judge(
    declaration: Declaration, urn: str, settings: Settings
) -> tuple[Iterable[Verdict | Exempt | WrongSettings], Exemption | None]:
    """Return the verdicts about a declaration, and the exemption that covered it and expired."""
    if settings.faults:
        return (WrongSettings(settings.faults),), None
    exemption = settings.exemptions.covering(declaration.name, urn)
    if exemption is not None and not exemption.expired:
        return (Exempt(exemption),), None
    return judge(declaration, settings.rule), exemption
