"""What the patterns of the settings cover, in words."""

from __future__ import annotations

from policies.encryption.allowed_keys import AllowedKeys, Match
from policies.encryption.arns import Arn
from policies.encryption.keys import AWS_MANAGED_ALIAS, KeyManager, KmsKey
from policies.exemptions import Exemption
from policies.patterns import ANY
from policies.reporting.faults import quoted
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


def entry_in_words(entry: str) -> str:
    """Return a sentence about the keys that a correct entry of `allowedKmsKeys` accepts."""
    start = f"The entry {quoted(entry)} of allowedKmsKeys accepts"
    arn = Arn.parse(entry)
    if arn is None:
        return f"{start} each key of the account, and the AWS managed key."
    kind, _, name = arn.resource.partition("/")
    if kind not in ("key", "alias"):
        keys = "any customer managed key"
        if arn.resource != ANY:
            keys = f"each key and alias that matches {quoted(arn.resource)}"
    else:
        keys = _each(kind, name)
    places = f"in {_each('Region', arn.region)} of {_each('account', arn.account)}"
    region, account, partition = (
        part.replace(ANY, "x") for part in (arn.region, arn.account, arn.partition)
    )
    aws_managed = KmsKey(KeyManager.AWS, region, account, partition, AWS_MANAGED_ALIAS)
    match = AllowedKeys([entry]).match(aws_managed)
    rest = "including" if match is Match.YES else "but not"
    return f"{start} {keys} {places}, {rest} the AWS managed key."


def _each(noun: str, pattern: str) -> str:
    if not pattern.strip(ANY):
        return f"any {noun}"
    return f"{f'each {noun} that matches' if ANY in pattern else f'the {noun}'} {quoted(pattern)}"
