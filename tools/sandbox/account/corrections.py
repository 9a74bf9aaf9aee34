"""Correct moto's DynamoDB and KMS where they differ from AWS in encryption at rest.

moto's DynamoDB accepts any key id, its UpdateTable ignores the SSESpecification, and all of its KMS
keys are customer managed keys. This module replaces the methods at fault. The text and codes of the
errors are those of the live service as third parties report them, as AWS doesn't document them.
Left out: a table whose key is disabled stays accessible, and changes of its key are not limited.

Source: "SSESpecification" and "SSEDescription" in the Amazon DynamoDB API Reference, "DescribeKey"
in the AWS KMS API Reference, "AWS managed keys" in the AWS KMS Developer Guide.
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
from moto.kms import models
from moto.kms.models import Key, KmsBackend, kms_backends
from moto.kms.utils import RESERVED_ALIASES, generate_private_key
from moto.utilities.utils import get_partition

MANAGED_ALIAS = "alias/aws/dynamodb"
_KMS = "com.amazonaws.services.kms.model"
_INVALID = "One or more parameter values were invalid: "
# Reentrant, as creating a key for an alias can look the alias up again.
_CREATING = threading.RLock()


class _InternalServerError(JsonRESTError):
    """DynamoDB's error 500 for a key that isn't symmetric."""

    code = 500

    def __init__(self, message: str) -> None:
        super().__init__("InternalServerError", message)


class _AccessDeniedError(JsonRESTError):
    code = 400

    def __init__(self, message: str) -> None:
        super().__init__("AccessDeniedException", message)


class KeyChanges:
    """Whether a change of a table's key takes time, as in AWS, or no time.

    While changes are held, the SSEDescription of a table whose key changes has the status UPDATING.
    """

    def __init__(self) -> None:
        self._held = False
        self._running: set[str] = set()

    def hold(self) -> None:
        """Let changes that start now run until `finish`."""
        self._held = True

    def finish(self) -> None:
        """Finish all changes, and let later changes take no time."""
        self._held = False
        self._running.clear()

    def started(self, table_arn: str) -> None:
        """Start a change."""
        if self._held:
            self._running.add(table_arn)

    def failed(self, table_arn: str) -> None:
        """End a change that AWS rejects."""
        self._running.discard(table_arn)

    def running(self, table_arn: str) -> bool:
        """Return whether a table's key is changing."""
        return table_arn in self._running


KEY_CHANGES = KeyChanges()


def install() -> None:
    """Install the corrections, once and before the server starts."""
    _correct_kms()
    _correct_dynamodb()


def managed_key(kms: KmsBackend, alias: str = MANAGED_ALIAS) -> Key:
    """Return the AWS managed key of an alias/aws/ name, which AWS creates at the first use."""
    # The server has several threads, and two tables must not create two keys.
    with _CREATING:
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


def table_key(account: str, region: str, key_id: str) -> Key:
    """Return the key of a table.

    Args:
        account: the account of the table.
        region: the Region of the table.
        key_id: the KMSMasterKeyId: a key id, key ARN, alias name or alias ARN.

    Raises:
        JsonRESTError: the table can't use that key.
    """
    name, owner = key_id, account
    if key_id.startswith("arn:"):
        parts = key_id.split(":", 5)
        if len(parts) < 6 or parts[2] != "kms" or not parts[5].startswith(("key/", "alias/")):
            _reject_missing(f"Invalid arn {key_id}")
        if parts[3] != region:
            _reject_missing(f"Invalid arn {parts[3]}")
        owner = parts[4]
        name = parts[5].removeprefix("key/")
    kms = kms_backends[owner][region]
    arn = f"arn:{get_partition(region)}:kms:{region}:{owner}"
    if name == MANAGED_ALIAS:
        return managed_key(kms)
    if name.startswith("alias/"):
        if name in RESERVED_ALIASES:
            _reject_foreign(managed_key(kms, name).arn)
        key = next((key for key in kms.keys.values() if name in key.aliases), None)
        if key is None:
            _reject_missing(f"Alias {arn}:{name} is not found.")
    else:
        key = kms.keys.get(name)
        if key is None and owner != account:
            _reject_foreign(key_id)
        if key is None:
            _reject_missing(f"Key '{arn}:key/{name}' does not exist")
    _reject_unusable(key)
    return key


def encryption_of(account: str, region: str, spec: dict[str, Any] | None) -> dict[str, Any] | None:
    """Convert the SSESpecification of a request to the one that moto's table stores.

    Returns:
        None for the AWS owned key, else the specification with the ARN of the key.

    Raises:
        JsonRESTError: AWS rejects the specification.
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


def _changed_encryption(table: Table, spec: dict[str, Any]) -> dict[str, Any] | None:
    """Return what an UpdateTable with an SSESpecification makes of a table's encryption.

    Raises:
        JsonRESTError: AWS rejects the change: it is none (only a key ARN shows that), or DynamoDB
            can't decrypt the table with its old key.
    """
    old = table.sse_specification
    if old:
        unchanged = spec.get("KMSMasterKeyId") == old["KMSMasterKeyId"]
        if unchanged and not KEY_CHANGES.running(table.table_arn):
            raise MockValidationException(
                f"{_INVALID}Table is already encrypted with given KMSMasterKeyId. "
                "Use KMSMasterKeyId parameter if you want to change Master Key"
            )
        table_key(table.account_id, table.region_name, old["KMSMasterKeyId"])
    return encryption_of(table.account_id, table.region_name, spec)


def _reject_unusable(key: Key) -> None:
    if key.key_manager == "AWS" and MANAGED_ALIAS not in key.aliases:
        _reject_foreign(key.arn)
    if key.key_state in ("PendingDeletion", "PendingImport"):
        pending = key.key_state.removeprefix("Pending").lower()
        raise MockValidationException(
            f"KMS validation error: {_KMS}.KMSInvalidStateException: {key.arn} is pending "
            f"{pending}. (Service: AWSKMS; Status Code: 400; Error Code: KMSInvalidStateException)"
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


def _reject_missing(what: str) -> NoReturn:
    raise MockValidationException(
        f"KMS validation error: {_KMS}.NotFoundException: {what} "
        "(Service: AWSKMS; Status Code: 400; Error Code: NotFoundException)"
    )


def _reject_foreign(arn: str) -> NoReturn:
    raise _AccessDeniedError(
        f"KMS key access denied error: {_KMS}.AWSKMSException: not authorized to perform: "
        f"kms:CreateGrant on resource: {arn} because no resource-based policy allows the "
        "kms:CreateGrant action"
    )


def _correct_kms() -> None:
    create_key = KmsBackend.create_key

    def asymmetric_key(key_spec: str) -> Any:
        # moto makes an RSA key pair for each symmetric key, which takes much longer than the rest.
        return None if key_spec == "SYMMETRIC_DEFAULT" else generate_private_key(key_spec)

    def create_key_with_usage(
        self: KmsBackend, policy: Any, key_usage: Any, *args: Any, **kwargs: Any
    ) -> Key:
        # moto has no default for the usage.
        return create_key(self, policy, key_usage or "ENCRYPT_DECRYPT", *args, **kwargs)

    def default_key(self: KmsBackend, alias_name: str) -> str | None:
        return managed_key(self, alias_name).id if alias_name in RESERVED_ALIASES else None

    for name in ("enable_key", "disable_key", "schedule_key_deletion", "cancel_key_deletion"):
        replace(KmsBackend, name, _accepting_arns(getattr(KmsBackend, name)))
    replace(models, "generate_private_key", asymmetric_key)
    replace(KmsBackend, "create_key", create_key_with_usage)
    replace(KmsBackend, "_generate_default_keys", default_key)


def _accepting_arns(method: Callable[..., Any]) -> Callable[..., Any]:
    """Let a method of KMS take the ARN of a key, too."""

    def call(self: KmsBackend, key_id: str, *args: Any) -> Any:
        return method(self, self.get_key_id(key_id), *args)

    return call


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
        _store_class(self)
        return answer

    def update_encrypted(self: DynamoHandler) -> Any:
        spec = self.body.get("SSESpecification")
        table = self.dynamodb_backend.get_table(self.body["TableName"])
        old = table.sse_specification
        if spec:
            # Before the other changes, as AWS applies all of them or none.
            table.sse_specification = _changed_encryption(table, spec)
            KEY_CHANGES.started(table.table_arn)
        try:
            answer = update_table(self)
        except Exception:
            table.sse_specification = old
            KEY_CHANGES.failed(table.table_arn)
            raise
        _store_class(self)
        return answer

    def restore_encrypted(self: DynamoHandler) -> Any:
        backend = self.dynamodb_backend
        spec = self.body.get("SSESpecificationOverride")
        encryption = encryption_of(backend.account_id, backend.region_name, spec) if spec else None
        answer = restore(self)
        target = backend.get_table(self.body["TargetTableName"])
        source = backend.get_table(self.body["SourceTableName"])
        # Without an SSESpecificationOverride the restored table has the key of its source.
        target.sse_specification = encryption if spec else source.sse_specification
        return answer

    def describe_all(self: Table, base_key: str = "TableDescription") -> dict[str, Any]:
        described = describe(self, base_key)
        if KEY_CHANGES.running(self.table_arn) and "SSEDescription" in described[base_key]:
            described[base_key]["SSEDescription"]["Status"] = "UPDATING"
        if table_class := getattr(self, "sandbox_table_class", None):
            described[base_key]["TableClassSummary"] = {"TableClass": table_class}
        return described

    replace(DynamoDBBackend, "create_table", create_encrypted)
    replace(DynamoHandler, "create_table", create_with_class)
    replace(DynamoHandler, "update_table", update_encrypted)
    replace(DynamoHandler, "restore_table_to_point_in_time", restore_encrypted)
    replace(Table, "describe", describe_all)


def _store_class(handler: DynamoHandler) -> None:
    """Store the table class, which moto ignores."""
    if table_class := handler.body.get("TableClass"):
        table = handler.dynamodb_backend.get_table(handler.body["TableName"])
        setattr(table, "sandbox_table_class", table_class)  # noqa: B010 not an attribute of moto


def replace(owner: object, name: str, function: object) -> None:
    """Replace a method of a class of moto, or a function of its module."""
    setattr(owner, name, function)
