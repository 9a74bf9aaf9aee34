"""What the patterns of the settings cover, in words."""

from __future__ import annotations

from policies.encryption.allowed_keys import AllowedKeys, Match
from policies.encryption.arns import Arn
from policies.encryption.keys import AWS_MANAGED_ALIAS, KeyManager, KmsKey
from policies.encryption.values import quoted
from policies.exemptions import Exemption
from policies.patterns import ANY
from policies.reporting.messages import the_exemption


def exemption_in_words(exemption: Exemption) -> str:
    """Return a sentence about the tables that an exemption covers."""
    stack, project, kind, name = exemption.urn.parts() if exemption.urn else [ANY] * 4
    of_resource = [] if name == ANY else [f"of {_each('resource', name)}"]
    of_type = [] if kind == ANY else [f"with {_each('type', kind)}"]
    words = [
        _each("table", exemption.table or ANY),
        *of_resource,
        *of_type,
        f"in {_each('stack', stack.removeprefix('urn:pulumi:'))}",
        f"of {_each('project', project)}",
    ]
    until = f"until {exemption.expires} (UTC)" if exemption.expires else "without an expiry date"
    return f"{the_exemption(exemption)} covers {' '.join(words)}, {until}."


def entry_in_words(entry: str, customer_managed_only: bool = False) -> str:
    """Return a sentence about the keys that an entry of `allowedKmsKeys` accepts.

    Args:
        entry: a correct entry.
        customer_managed_only: the setting `requireCustomerManagedKey`.
    """
    arn = Arn.parse(entry)
    keys = f"{_keys(arn)} of {_each('account', arn.account if arn else entry)}"
    rest = "but not the AWS managed key"
    if customer_managed_only:
        rest = "while requireCustomerManagedKey rejects the AWS managed key"
    elif _has_aws_managed_key(entry, arn):
        rest = "and the AWS managed key"
    return f"The entry {quoted(entry)} of allowedKmsKeys accepts {keys}, {rest}."


def _keys(arn: Arn | None) -> str:
    if arn is None:
        return "any key"
    kind, _, name = arn.resource.partition("/")
    if arn.resource in (ANY, f"key/{ANY}"):
        keys = "any customer managed key"
    elif kind == "key":
        keys = _each("key", name)
    elif kind == "alias":
        keys = _each("alias", arn.resource if name.strip(ANY) else ANY)
    else:
        keys = _each("key or alias", arn.resource)
    return f"{keys} in {_each('Region', arn.region)}"


def _has_aws_managed_key(entry: str, arn: Arn | None) -> bool:
    region, account, partition = (
        part.replace(ANY, "x")
        for part in ((arn.region, arn.account, arn.partition) if arn else (ANY, entry, ANY))
    )
    key = KmsKey(KeyManager.AWS, region, account, partition, AWS_MANAGED_ALIAS)
    return AllowedKeys([entry]).match(key) is Match.YES


def _each(noun: str, pattern: str) -> str:
    if not pattern.strip(ANY):
        return f"any {noun}"
    return f"{f'each {noun} that matches' if ANY in pattern else f'the {noun}'} {quoted(pattern)}"
