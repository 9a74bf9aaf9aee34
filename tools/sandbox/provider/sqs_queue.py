"""aws:sqs/queue:Queue, a queue with tags and no more: something that is no table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from tools.sandbox.provider.aws import Aws, ProviderError, error_code
from tools.sandbox.provider.properties import Props
from tools.sandbox.provider.resource import Resource


class Queue(Resource):
    """An SQS queue. Only its tags reach the account; other settings stay in the state."""

    kind = "aws:sqs/queue:Queue"
    what = "SQS Queue"
    computed = frozenset({"arn", "tagsAll", "url"})
    optional_computed = frozenset({
        "deduplicationScope", "fifoThroughputLimit", "kmsDataKeyReusePeriodSeconds", "policy",
        "redriveAllowPolicy", "redrivePolicy", "region", "sqsManagedSseEnabled",
    })  # fmt: skip
    replace_on = frozenset({"fifoQueue", "name", "namePrefix", "region"})
    defaults: ClassVar[Mapping[str, Any]] = {
        "contentBasedDeduplication": False,
        "delaySeconds": 0,
        "fifoQueue": False,
        "maxMessageSize": 262144,
        "messageRetentionSeconds": 345600,
        "receiveWaitTimeSeconds": 0,
        "visibilityTimeoutSeconds": 30,
    }
    autoname = "name"
    name_prefix = "namePrefix"

    def create(self, aws: Aws, inputs: Props) -> tuple[str, Props]:
        """CreateQueue."""
        client = aws.client("sqs", aws.region_of(inputs))
        tags = {**aws.default_tags, **(inputs.get("tags") or {})}
        kind = {"FifoQueue": "true"} if inputs.get("fifoQueue") else {}
        url = client.create_queue(QueueName=inputs["name"], Attributes=kind, tags=tags)["QueueUrl"]
        return str(url), self._found(aws, str(url), inputs)

    def read(self, aws: Aws, resource_id: str, state: Props) -> Props | None:
        """GetQueueAttributes and ListQueueTags; the id is the queue's URL."""
        client = aws.client("sqs", aws.region_of(state))
        try:
            found = client.get_queue_attributes(QueueUrl=resource_id, AttributeNames=["QueueArn"])
        except Exception as error:
            if "NonExistentQueue" not in str(error_code(error)):
                raise
            return None
        tags = client.list_queue_tags(QueueUrl=resource_id).get("Tags", {})
        kept = {k: v for k, v in state.items() if not k.startswith("__") and v is not None}
        return {
            **kept,
            "id": resource_id,
            "arn": found["Attributes"]["QueueArn"],
            "name": resource_id.rsplit("/", 1)[-1],
            "region": aws.region_of(state),
            "tags": self.own_tags(aws, tags, state),
            "tagsAll": tags,
            "url": resource_id,
        }

    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> Props:
        """TagQueue and UntagQueue."""
        client = aws.client("sqs", aws.region_of(planned))
        was, now = old.get("tagsAll") or {}, planned.get("tagsAll") or {}
        if gone := sorted(was.keys() - now.keys()):
            client.untag_queue(QueueUrl=resource_id, TagKeys=gone)
        if now:
            client.tag_queue(QueueUrl=resource_id, Tags=now)
        return self._found(aws, resource_id, planned)

    def delete(self, aws: Aws, resource_id: str, state: Props) -> None:
        """DeleteQueue."""
        try:
            aws.client("sqs", aws.region_of(state)).delete_queue(QueueUrl=resource_id)
        except Exception as error:
            if "NonExistentQueue" not in str(error_code(error)):
                raise

    def _found(self, aws: Aws, url: str, state: Props) -> Props:
        outputs = self.read(aws, url, state)
        if outputs is None:
            raise ProviderError("the queue is gone.")
        return outputs
