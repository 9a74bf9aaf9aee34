"""Which stacks to read: `--organization`, `--project`, and `--stack`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

from policies.encryption.values import quoted
from policies.patterns import ANY, matches

_FULL = 3


def parts_of(name: str) -> tuple[str, str, str]:
    """Return the organization, project, and last part of a stack's full name.

    The name of a stack in the older layout of a self-managed backend has only the last part.
    """
    *first, stack = name.split("/")
    organization, project = ["", "", *first][-2:]
    return organization, project, stack


def _is_of_pattern(pattern: str, name: str) -> bool:
    parts, number = name.split("/"), pattern.count("/") + 1
    return number <= len(parts) and matches(pattern, "/".join(parts[-number:]))


@dataclass(frozen=True)
class Filters:
    """The stacks to read. Without any filter, all of them.

    Attributes:
        organization: the name of their organization; None for any.
        projects: patterns of the names of their projects.
        stacks: patterns of their names. A pattern without a slash is compared with the last part of
            the full name, one with a slash with PROJECT/STACK, and one with two slashes with the
            full name.
    """

    organization: str | None = None
    projects: tuple[str, ...] = ()
    stacks: tuple[str, ...] = ()

    def accepts(self, name: str) -> bool:
        """Return whether to read the stack with this full name."""
        organization, project, _ = parts_of(name)
        return (
            self.organization in (None, organization)
            and (not self.projects or any(matches(each, project) for each in self.projects))
            and (not self.stacks or any(_is_of_pattern(each, name) for each in self.stacks))
        )

    @property
    def exact_projects(self) -> tuple[str, ...]:
        """The projects, if each filter of projects is a name; otherwise none."""
        return () if any(ANY in each for each in self.projects) else self.projects

    @property
    def exact_stacks(self) -> tuple[str, ...]:
        """The full names of stacks among the filters."""
        return tuple(
            each for each in self.stacks if ANY not in each and each.count("/") == _FULL - 1
        )

    def unmatched(self, names: Collection[str]) -> list[str]:
        """Return a sentence for each filter that none of the stacks matches, e.g. a mistyped one.

        Args:
            names: the full names of all stacks, those included that `accepts` refuses.
        """
        organizations, projects, _ = zip(*map(parts_of, names), strict=True) if names else ((),) * 3
        faults = []
        if self.organization is not None and self.organization not in organizations:
            faults.append(self._unmatched("--organization", self.organization, organizations))
        for pattern in self.projects:
            if not any(matches(pattern, project) for project in projects):
                faults.append(self._unmatched("--project", pattern, projects))
        for pattern in self.stacks:
            if not any(_is_of_pattern(pattern, name) for name in names):
                last = [name.split("/", _FULL - 1 - pattern.count("/"))[-1] for name in names]
                faults.append(self._unmatched("--stack", pattern, last))
        if names and not faults and not any(map(self.accepts, names)):
            faults.append("No stack matches all options.")
        return faults

    def _unmatched(self, option: str, value: str, known: Collection[str]) -> str:
        nearest = get_close_matches(value, sorted(set(known)), 1)
        meant = f" Did you mean {quoted(nearest[0])}?" if nearest else ""
        # The CLI lists only the stacks of an organization and of projects that are named.
        is_one = sum(map(bool, (self.organization, self.projects, self.stacks))) == 1
        others = "" if is_one else " and the other options"
        return f"No stack matches {option} {quoted(value)}{others}.{meant}"
