"""Corrections to moto, so that the pretend account tells the truth about encryption.

moto's DynamoDB notes down the SSESpecification that it is given and no more: any key id will do,
UpdateTable forgets the specification, and every KMS key belongs to the customer. A policy tested
against that would be tested against a fiction. The functions here replace the few methods at
fault; everything else is moto's own.

Sources: "SSESpecification" and "SSEDescription" in the Amazon DynamoDB API Reference, "DescribeKey"
in the AWS KMS API Reference, "AWS managed keys" in the AWS KMS Developer Guide. The wording and
codes of the refusals are those that third parties saw from the live service; AWS doesn't publish
them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, NoReturn

from moto.core.exceptions import JsonRESTError
from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler
from moto.kms.models import Key, KmsBackend, kms_backends
from moto.kms.utils import RESERVED_ALIASES
from moto.utilities.utils import get_partition

MANAGED_ALIAS = "alias/aws/dynamodb"
_KMS = "com.amazonaws.services.kms.model"
_INVALID = "One or more parameter values were invalid: "
# A key that is made for an alias may ask for that alias again.
_MAKING = threading.RLock()


class _InternalServerError(JsonRESTError):
    """DynamoDB answers 500 for a key that isn't symmetric: seen live, however odd."""

    code = 500

    def __init__(self, message: str) -> None:
        super().__init__("InternalServerError", message)


class _AccessDeniedError(JsonRESTError):
    code = 400

    def __init__(self, message: str) -> None:
        super().__init__("AccessDeniedException", message)


def install() -> None:
    """Put the corrections in place. Call it once, before the server starts."""
    _correct_kms()
    _correct_dynamodb()


def managed_key(kms: KmsBackend, alias: str = MANAGED_ALIAS) -> Key:
    """Return the account's AWS managed key behind an alias/aws/ name, making it at first use."""
    # The server answers in threads: two tables at once must not make two keys.
    with _MAKING:
        for key in kms.keys.values():
            if alias in key.aliases:
                return key
        service = alias.rsplit("/", 1)[-1]
        description = (
            "Default key that protects my DynamoDB data when no other key is defined"
            if alias == MANAGED_ALIAS
            else f"Default key that protects my data when no other key is defined ({service})"
        )
        key = kms.create_key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", description, None)
        key.key_manager = "AWS"
        # "AWS managed keys are automatically rotated every year" (AWS KMS Developer Guide).
        key.key_rotation_status = True
        kms.create_alias(key.id, alias)
    return key


def table_key(account: str, region: str, given: str) -> Key:
    """Find the key that a table names.

    Args:
        account: the account of the table.
        region: the Region of the table.
        given: a key id, key ARN, alias name or alias ARN, as KMSMasterKeyId allows.

    Raises:
        JsonRESTError: what AWS answers when a table can't use that key.
    """
    name, owner = given, account
    if given.startswith("arn:"):
        parts = given.split(":", 5)
        if len(parts) < 6 or parts[2] != "kms" or not parts[5].startswith(("key/", "alias/")):
            _refuse_missing(f"Invalid arn {given}")
        if parts[3] != region:
            _refuse_missing(f"Invalid arn {parts[3]}")
        owner = parts[4]
        name = parts[5].removeprefix("key/")
    kms = kms_backends[owner][region]
    arn = f"arn:{get_partition(region)}:kms:{region}:{owner}"
    if name == MANAGED_ALIAS:
        return managed_key(kms)
    if name.startswith("alias/"):
        if name in RESERVED_ALIASES:
            _refuse_foreign(managed_key(kms, name).arn)
        key = next((key for key in kms.keys.values() if name in key.aliases), None)
        if key is None:
            _refuse_missing(f"Alias {arn}:{name} is not found.")
    else:
        key = kms.keys.get(name)
        if key is None and owner != account:
            _refuse_foreign(given)
        if key is None:
            _refuse_missing(f"Key '{arn}:key/{name}' does not exist")
    _refuse_unusable(key)
    return key


def encryption_of(account: str, region: str, spec: dict[str, Any] | None) -> dict[str, Any] | None:
    """Turn the SSESpecification of a request into what moto's table keeps.

    Returns:
        None for the AWS owned key; else the specification with the ARN of the key in it.

    Raises:
        JsonRESTError: what AWS answers to a specification that it refuses.
    """
    spec = spec or {}
    key_id, kind = spec.get("KMSMasterKeyId"), spec.get("SSEType")
    if kind not in (None, "KMS"):
        raise MockValidationException(f"{_INVALID}SSEType {kind} is not supported")
    if not spec.get("Enabled"):
        if key_id:
            raise MockValidationException(
                f"{_INVALID}KMSMasterKeyId must not be specified if SSE is not enabled"
            )
        return None
    if key_id and kind != "KMS":
        raise MockValidationException(
            f"{_INVALID}SSEType KMS is required if KMSMasterKeyId is specified"
        )
    if key_id:
        key = table_key(account, region, key_id)
    else:
        key = managed_key(kms_backends[account][region])
    return {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key.arn}


def _refuse_unusable(key: Key) -> None:
    if key.key_manager == "AWS" and MANAGED_ALIAS not in key.aliases:
        _refuse_foreign(key.arn)
    if key.key_state == "PendingDeletion":
        raise MockValidationException(
            f"KMS validation error: {_KMS}.KMSInvalidStateException: {key.arn} is pending "
            "deletion. (Service: AWSKMS; Status Code: 400; Error Code: KMSInvalidStateException)"
        )
    if key.key_state != "Enabled":
        raise MockValidationException(
            f"KMS key disabled error: {_KMS}.DisabledException: {key.arn} is disabled. "
            "(Service: AWSKMS; Status Code: 400; Error Code: DisabledException)"
        )
    if key.key_spec != "SYMMETRIC_DEFAULT" or key.key_usage != "ENCRYPT_DECRYPT":
        raise _InternalServerError(
            f"KMS internal error: {_KMS}.AWSKMSException: EncryptionContext is supported only "
            "when creating a grant for a symmetric encryption KMS key. (Service: AWSKMS; "
            "Status Code: 400; Error Code: ValidationException)"
        )


def _refuse_missing(what: str) -> NoReturn:
    raise MockValidationException(
        f"KMS validation error: {_KMS}.NotFoundException: {what} "
        "(Service: AWSKMS; Status Code: 400; Error Code: NotFoundException)"
    )


def _refuse_foreign(arn: str) -> NoReturn:
    raise _AccessDeniedError(
        f"KMS key access denied error: {_KMS}.AWSKMSException: not authorized to perform: "
        f"kms:CreateGrant on resource: {arn} because no resource-based policy allows the "
        "kms:CreateGrant action"
    )


def _correct_kms() -> None:
    create_key = KmsBackend.create_key

    def create_key_with_usage(
        self: KmsBackend, policy: Any, key_usage: Any, *args: Any, **kwargs: Any
    ) -> Key:
        # moto leaves the usage empty when the caller does; AWS fills in its default.
        return create_key(self, policy, key_usage or "ENCRYPT_DECRYPT", *args, **kwargs)

    def default_key(self: KmsBackend, alias_name: str) -> str | None:
        return managed_key(self, alias_name).id if alias_name in RESERVED_ALIASES else None

    _replace(KmsBackend, "create_key", create_key_with_usage)
    _replace(KmsBackend, "_generate_default_keys", default_key)


def _correct_dynamodb() -> None:
    create_table = DynamoDBBackend.create_table
    update_table = DynamoHandler.update_table
    handle_create = DynamoHandler.create_table
    restore = DynamoHandler.restore_table_to_point_in_time
    describe = Table.describe

    def create_encrypted(self: DynamoDBBackend, *args: Any, **kwargs: Any) -> Table:
        kwargs["sse_specification"] = encryption_of(
            self.account_id, self.region_name, kwargs.get("sse_specification")
        )
        return create_table(self, *args, **kwargs)

    def create_with_class(self: DynamoHandler) -> Any:
        answer = handle_create(self)
        _note_class(self)
        return answer

    def update_encrypted(self: DynamoHandler) -> Any:
        spec = self.body.get("SSESpecification")
        table = self.dynamodb_backend.get_table(self.body["TableName"])
        # Before anything else is changed: AWS refuses the call as a whole.
        wanted = encryption_of(table.account_id, table.region_name, spec) if spec else None
        before = table.sse_specification
        if spec:
            table.sse_specification = wanted
        try:
            answer = update_table(self)
        except Exception:
            table.sse_specification = before
            raise
        _note_class(self)
        return answer

    def restore_encrypted(self: DynamoHandler) -> Any:
        backend = self.dynamodb_backend
        spec = self.body.get("SSESpecificationOverride")
        wanted = encryption_of(backend.account_id, backend.region_name, spec) if spec else None
        answer = restore(self)
        target = backend.get_table(self.body["TargetTableName"])
        source = backend.get_table(self.body["SourceTableName"])
        # "SSESpecificationOverride" not given: the restored table keeps the source's key.
        target.sse_specification = wanted if spec else source.sse_specification
        return answer

    def describe_with_class(self: Table, base_key: str = "TableDescription") -> dict[str, Any]:
        described = describe(self, base_key)
        if table_class := getattr(self, "sandbox_table_class", None):
            described[base_key]["TableClassSummary"] = {"TableClass": table_class}
        return described

    _replace(DynamoDBBackend, "create_table", create_encrypted)
    _replace(DynamoHandler, "create_table", create_with_class)
    _replace(DynamoHandler, "update_table", update_encrypted)
    _replace(DynamoHandler, "restore_table_to_point_in_time", restore_encrypted)
    _replace(Table, "describe", describe_with_class)


def _note_class(handler: DynamoHandler) -> None:
    """Keep the table class, which moto drops."""
    if table_class := handler.body.get("TableClass"):
        table = handler.dynamodb_backend.get_table(handler.body["TableName"])
        setattr(table, "sandbox_table_class", table_class)  # noqa: B010 not moto's own field


def _replace(owner: type, name: str, function: Callable[..., Any]) -> None:
    setattr(owner, name, function)
