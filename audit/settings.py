"""Read the settings that the audit shares with the policies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from audit.reasons import of_ending, pattern_of
from audit.results import Finding, SettingsUsed
from policies import dynamodb_deployed_table_kms_encryption
from policies.settings.schema import SCHEMA
from policies.settings.settings import Settings
from tools.policy_config.check import Report, read_configuration
from tools.policy_config.files import UnreadableFileError, read_bytes

_POLICY = dynamodb_deployed_table_kms_encryption.POLICY.name


class WrongSettingsError(Exception):
    """The settings are wrong. The message has a line for each fault."""


def read_settings(path: Path | None) -> tuple[Settings, SettingsUsed]:
    """Read the settings of the audit.

    Args:
        path: a configuration file of the policies; None for the default settings.

    Returns:
        The settings of the policy for deployed tables, or of the first policy that is not
        disabled, and a description of them. The file is accepted only if the policies agree.

    Raises:
        WrongSettingsError: the file can't be read, or its settings are wrong.
    """
    if path is None:
        defaults = {name: schema["default"] for name, schema in SCHEMA.items()}
        return Settings(), SettingsUsed(None, None, defaults)
    report = Report()
    try:
        data = read_bytes(path)
        configuration = read_configuration(path, report, data)
    except UnreadableFileError as error:
        raise WrongSettingsError(str(error)) from error
    if report.faults:
        raise WrongSettingsError("\n".join((*report.faults, f"{path} is not used.")))
    enabled = configuration.enabled
    policy = _POLICY if _POLICY in enabled or not enabled else enabled[0]
    entry = configuration.entries.get(policy, {})
    values = {name: entry.get(name, schema["default"]) for name, schema in SCHEMA.items()}
    return configuration.settings[policy], SettingsUsed(str(path), sha256(data).hexdigest(), values)


def warnings_about(
    settings: Settings, findings: Iterable[Finding], *, reads_aws: bool = True
) -> list[str]:
    """Return what a user should know about the exemptions, as sentences.

    Args:
        settings: the settings.
        findings: the findings of the audit.
        reads_aws: whether the audit read AWS, and not only the states of stacks.
    """
    covered = Counter(finding.exemption.pattern for finding in findings if finding.exemption)
    ending = [
        of_ending(exemption, covered[pattern_of(exemption)])
        for exemption in settings.exemptions
        if exemption.ends_soon and pattern_of(exemption) in covered
    ]
    by_urn = sum(exemption.urn is not None for exemption in settings.exemptions)
    if not by_urn or not reads_aws:
        return ending
    return [
        *ending,
        f"Exemptions that match a URN: {by_urn}. They exempt no table in AWS, because a table in "
        "AWS has no URN. To exempt it there, set `table` to its name or its ARN.",
    ]
