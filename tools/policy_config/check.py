"""Check a configuration file of the policies, and show what its patterns cover.

Sources: Pulumi, pkg/resource/analyzer/config.go and exceptions.go (the formats of the file, and
what the engine ignores).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from policies import POLICIES
from policies.encryption.allowed_keys import AllowedKeys, Match
from policies.encryption.keys import KeyManager, KmsKey
from policies.encryption.values import json_type, quoted
from policies.exemptions import Exemption, Exemptions
from policies.reporting.messages import the_exemption
from policies.settings.reading import read, unknown_name
from policies.settings.schema import ENFORCEMENT_LEVEL, REMEDIATION_KMS_KEY, SCHEMA
from policies.settings.settings import Settings, difference_fault
from tools.policy_config.configuration import (
    ADVISORY,
    ALL,
    DISABLED,
    POLICY_ENTRIES,
    VERSION,
    level_fault,
    without_level,
)
from tools.policy_config.exceptions import (
    EXCEPTIONS,
    NAMES,
    REMEDIATING,
    faults_of_file,
    is_list_of_strings,
    notes_of_file,
    without_policy_names,
)
from tools.policy_config.files import read_object, repeats_into
from tools.policy_config.state import State, Table, read_state
from tools.policy_config.words import entry_in_words, exemption_in_words

_ENVIRONMENTS = "environments"
_VERSION_2 = '"version": 2'


@dataclass
class Report:
    """What the check of a file shows, as sentences.

    Attributes:
        faults: what is wrong.
        notes: what is not wrong yet.
        coverage: what each pattern covers. The tables follow, in lines with two spaces before them.
    """

    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    coverage: list[str] = field(default_factory=list)


class Configuration(NamedTuple):
    """What a configuration file says, as far as it can be read.

    Attributes:
        entries: the entry of each policy that has one, without its enforcement level.
        settings: the settings of each policy.
        enabled: the names of the policies that are not disabled.
        levels: the enforcement level of each policy, as the engine decides it.
        exceptions: the policy exceptions by ID.
    """

    entries: Mapping[str, Mapping[str, Any]]
    settings: Mapping[str, Settings]
    enabled: Sequence[str]
    levels: Mapping[str, object]
    exceptions: Mapping[str, Any]


def read_configuration(path: Path, report: Report, data: bytes | None = None) -> Configuration:
    """Read a configuration file.

    Args:
        path: the file that the CLI takes with `--policy-pack-config`.
        report: gets what is wrong with the file, and notes.
        data: the content of the file; None to read it.

    Raises:
        UnreadableFileError: the file can't be read, or has no JSON object.
    """
    faults = report.faults
    config = read_object(path, repeats_into(faults), data)
    entries = dict(_entries(_policies(config, report), faults))
    levels = {name: _level(name, entries) for name in NAMES}
    enabled = [name for name in NAMES if levels[name] != DISABLED]
    if VERSION in config and not faults:
        report.notes += notes_of_file(
            config.get(EXCEPTIONS, {}), {name: levels[name] for name in enabled}
        )
    own = {name: without_level(entry) for name, entry in entries.items()}
    settings = {name: read(own.get(name, {})) for name in NAMES}
    names_by_fault: dict[str, list[str]] = {}
    for name in NAMES:
        for fault in settings[name].faults:
            names_by_fault.setdefault(fault, []).append(name)
    faults += (f"{', '.join(names)}: {fault}" for fault, names in names_by_fault.items())
    faults += _differences([(name, settings[name]) for name in enabled])
    exceptions = config.get(EXCEPTIONS, {}) if VERSION in config else {}
    return Configuration(own, settings, enabled, levels, exceptions)


def settings_of(configuration: Configuration, policy: str) -> dict[str, Any]:
    """Return the settings from which `tools/policy-config write` makes a configuration.

    The level advisory is left out, because `write --all advisory` sets it for a while.

    Args:
        configuration: a configuration without faults.
        policy: the policy whose entry has the settings that the policies share.
    """
    usual = {policy.name: policy.enforcement_level for policy in POLICIES}
    levels = {
        name: level
        for name, level in configuration.levels.items()
        if level not in (usual[name], ADVISORY)
    }
    key = configuration.entries.get(REMEDIATING, {}).get(REMEDIATION_KMS_KEY)
    exceptions = without_policy_names(configuration.exceptions)
    return {
        **({ENFORCEMENT_LEVEL: levels} if levels else {}),
        **configuration.entries.get(policy, {}),
        **({REMEDIATION_KMS_KEY: key} if key else {}),
        **({EXCEPTIONS: exceptions} if exceptions else {}),
    }


def check(path: Path, state_paths: Sequence[Path] = ()) -> Report:
    """Check a configuration file.

    Args:
        path: the file that the CLI takes with `--policy-pack-config`.
        state_paths: files of `pulumi stack export`, in which to look for tables and keys.

    Raises:
        UnreadableFileError: a file can't be read, or is not of its kind.
    """
    report = Report()
    states = {state: read_state(state) for state in state_paths}
    _, settings, enabled, *_ = read_configuration(path, report)
    exemptions = dict.fromkeys(each for name in enabled for each in settings[name].exemptions)
    lists = (settings[name].rule.allowed_keys for name in enabled)
    keys = dict.fromkeys(entry for allowed in lists if allowed for entry in allowed.entries)
    _report_ends(exemptions, report)
    for state, content in states.items():
        unused = Exemptions(exemptions).unused(content.tables, content.urn or "")
        report.faults += (
            f"{the_exemption(exemption)} names the stack of {state} and covers none of its tables. "
            "Remove it, or correct its pattern, which must match the whole name or URN."
            for exemption in unused
        )
    strict = any(settings[name].rule.require_customer_managed_key for name in enabled)
    report.coverage += _exempted(exemptions, states.values())
    report.coverage += _accepted(keys, strict, states.values())
    return report


def _policies(config: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """Return the policies' part of a file of any version, and check the other parts."""
    version, faults = config.get(VERSION), report.faults
    if "deployment" in config:
        faults.append("This is the state of a stack. Pass it with --state.")
        return {}
    if config and config.keys() <= {ENFORCEMENT_LEVEL, *SCHEMA}:
        faults.append("These are settings. Write the file with `tools/policy-config write`.")
        return {}
    environments = config.get(_ENVIRONMENTS, [])
    if not is_list_of_strings(environments):
        faults.append(f"{_ENVIRONMENTS} is not a list of the names of ESC environments.")
    elif environments:
        report.notes.append("The settings of ESC environments are not checked.")
    if isinstance(version, bool) or not isinstance(version, (int, float)):
        of_version_2 = (POLICY_ENTRIES, EXCEPTIONS)
        faults += (
            f"{quoted(name)} is the name of a policy here. In a file with policy exceptions, also "
            f"write {_VERSION_2}."
            for name in of_version_2
            if name in config
        )
        others = (_ENVIRONMENTS, *of_version_2)
        return {name: value for name, value in config.items() if name not in others}
    if version != 2:
        faults.append(f"The CLI reads no other version of the file than 2. Write {_VERSION_2}.")
    report.notes.append(
        f"Version 3.250 of the CLI refuses a file with {_VERSION_2}, and version 3.274 reads it."
    )
    known = (VERSION, POLICY_ENTRIES, EXCEPTIONS, _ENVIRONMENTS)
    faults += (
        f"{unknown_name('property', name, known)} The CLI ignores it. Write the entries of the "
        f"policies under {POLICY_ENTRIES}."
        for name in config
        if name not in known
    )
    faults += faults_of_file(config.get(EXCEPTIONS, {}))
    policies = config.get(POLICY_ENTRIES, {})
    if isinstance(policies, dict):
        return policies
    faults.append(f"{POLICY_ENTRIES} is {json_type(policies)} instead of an object.")
    return {}


def _entries(
    policies: Mapping[str, Any], faults: list[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the entry of each policy, and that of "all", as an object."""
    known = (ALL, *NAMES)
    for name, value in policies.items():
        entry = {ENFORCEMENT_LEVEL: value} if isinstance(value, str) else value
        if name not in known:
            faults.append(
                f"{unknown_name('policy', name, known)} The CLI does not use its settings."
            )
        elif not isinstance(entry, dict):
            faults.append(f"{name} is {json_type(value)} instead of a level or an object.")
        else:
            fault = level_fault(entry[ENFORCEMENT_LEVEL]) if ENFORCEMENT_LEVEL in entry else None
            if fault is not None:
                faults.append(f"{name}: {fault}")
            if name == ALL and without_level(entry):
                faults.append(
                    f"{ALL} can have only an enforcement level. Move its other settings to each "
                    "policy."
                )
            yield name, entry


def _level(name: str, entries: Mapping[str, Mapping[str, Any]]) -> object:
    """Return the enforcement level of a policy, as the engine decides it."""
    defaults = {policy.name: policy.enforcement_level for policy in POLICIES}
    for entry in (entries.get(name, {}), entries.get(ALL, {})):
        if ENFORCEMENT_LEVEL in entry:
            return entry[ENFORCEMENT_LEVEL]
    return defaults[name]


def _differences(enabled: Sequence[tuple[str, Settings]]) -> Iterator[str]:
    """Yield the settings that policies which are not disabled don't share."""
    if not enabled:
        return
    (first, expected), *others = enabled
    for setting in SCHEMA:
        names = [name for name, theirs in others if setting in theirs.differences(expected)]
        if not names:
            continue
        yield (
            f"{difference_fault(setting, names, (first,))} No table is accepted under "
            "such settings. Set the same value for each policy, or write the file with "
            "`tools/policy-config write`."
        )


def _report_ends(exemptions: Iterable[Exemption], report: Report) -> None:
    for exemption in exemptions:
        subject, end = the_exemption(exemption), exemption.expires
        if exemption.expired:
            report.faults.append(
                f"{subject} expired at the end of {end} (UTC), so its tables are checked again. "
                "Remove it, or set a later date."
            )
        elif exemption.ends_soon:
            report.notes.append(f"{subject} expires at the end of {end} (UTC).")


def _exempted(exemptions: Iterable[Exemption], states: Collection[State]) -> Iterator[str]:
    """Yield which tables each exemption covers, in words and in the states."""
    tables = {table for state in states for table in state.tables}
    for exemption in exemptions:
        yield exemption_in_words(exemption)
        if states:
            covered = [table for table in tables if exemption.covers(*table)]
            yield from _list("In the states, it covers", covered)


def _accepted(entries: Iterable[str], strict: bool, states: Collection[State]) -> Iterator[str]:
    """Yield which keys each entry of `allowedKmsKeys` accepts, in words and in the states."""
    tables: dict[Table, set[KmsKey]] = {}
    for state in states:
        for table, keys in state.tables.items():
            usable = {key for key in keys if not (strict and key.manager is KeyManager.AWS)}
            tables.setdefault(table, set()).update(usable)
    for entry in entries:
        yield entry_in_words(entry, strict)
        if states:
            match = AllowedKeys([entry]).match
            best = {
                table: max(map(match, keys), default=Match.NO) for table, keys in tables.items()
            }
            accepted = [table for table, answer in best.items() if answer is Match.YES]
            yield from _list("In the states, it accepts a key of", accepted)
            doubtful = [table for table, answer in best.items() if answer is Match.MAYBE]
            if doubtful:
                yield from _list("Only AWS knows whether it accepts a key of", doubtful)


def _list(start: str, tables: Collection[Table]) -> Iterator[str]:
    """Yield a sentence about tables and their URNs."""
    number = {0: "no table.", 1: "1 table:"}.get(len(tables), f"{len(tables)} tables:")
    yield f"{start} {number}"
    for name, urn in sorted(tables):
        # A template has several tables.
        yield f"  {urn}" if urn.endswith(f"::{name}") else f"  {urn} (table {quoted(name)})"
