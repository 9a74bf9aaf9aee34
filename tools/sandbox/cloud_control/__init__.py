"""The Cloud Control API of the account, which moto lacks, for the stand-in providers.

It works on *models*: the properties of a resource, named as in "AWS resource and property types
reference" of the AWS CloudFormation User Guide. Tables, keys and aliases reach the account; any
other type is echoed. Left out: the check against the type's schema, and drift of most properties
(each handler says of which).
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


def handler_of(kind: str) -> Handler:
    """Return what handles the resources of a CloudFormation type."""
    return _HANDLERS.get(kind, _ECHO)
