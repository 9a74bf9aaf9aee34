"""The Cloud Control API of the pretend account, which moto lacks, for the stand-in providers.

It works on *models*: the properties of a resource, named as in a CloudFormation template. Tables,
keys and aliases are created in the pretend account; other types exist only in the state. Left out:
the check against the type's schema, and drift of most properties (see each handler).
"""

from __future__ import annotations

from tools.sandbox.cloud_control.alias import AliasHandler
from tools.sandbox.cloud_control.handler import EchoHandler, Handler
from tools.sandbox.cloud_control.key import KeyHandler
from tools.sandbox.cloud_control.table import TableHandler

_HANDLERS: dict[str, Handler] = {
    "AWS::DynamoDB::Table": TableHandler(),
    "AWS::KMS::Alias": AliasHandler(),
    "AWS::KMS::Key": KeyHandler(),
}
_ECHO = EchoHandler()


def handler_of(cloudformation_type: str) -> Handler:
    """Return the handler of a CloudFormation type."""
    return _HANDLERS.get(cloudformation_type, _ECHO)
