"""Read the tags that AWS CloudFormation has set on tables, after all tables are described.

AWS allows few of these calls, so they must not delay a verdict, and an error of them does not
change it.

Sources: Amazon DynamoDB API Reference, "ListTagsOfResource" (10 calls each second); AWS
CloudFormation User Guide, "Resource tag".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from audit.aws.errors import Refusal
from audit.collector import Collector
from audit.results import Answer
from audit.work import Work

_PREFIX = "aws:cloudformation:"


class Tags:
    """The tags of the tables of one Region of one account.

    Args:
        client: returns a new client of DynamoDB, or raises an error.
        refusal: returns what an error means.
        work: runs the tasks.
        collector: gets the tags.
    """

    def __init__(
        self,
        client: Callable[[], Any],
        refusal: Callable[[Exception], Refusal],
        work: Work,
        collector: Collector,
    ) -> None:
        self._new_client, self._refusal = client, refusal
        self._work, self._collector = work, collector
        self._clients: dict[bool, Any] = {}
        self._waiting: set[str] = set()

    def read_later(self, arn: str) -> None:
        """Read the tags of a table after all tables, while a task runs.

        Args:
            arn: the ARN of the table.
        """
        with self._collector.lock:
            self._waiting.add(arn)
        # After the second attempts to describe tables, which run after all others.
        self._work.add_later(partial(self._work.add_later, partial(self._read, arn)))

    def _read(self, arn: str, *, second: bool = False) -> None:
        tags: Answer
        try:
            pages = self._client(second).get_paginator("list_tags_of_resource")
            tags = {
                "Tags": {
                    str(tag["Key"]): str(tag["Value"])
                    for page in pages.paginate(ResourceArn=arn)
                    for tag in page["Tags"]
                    # The other tags are the user's, and not about the owner.
                    if tag["Key"].startswith(_PREFIX)
                }
            }
        except Exception as error:  # noqa: BLE001 - an error must not lose the other tables
            refusal = self._refusal(error)
            if refusal.is_temporary and not second:
                self._work.add_later(partial(self._read, arn, second=True))
                return
            tags = {"Error": refusal.reason}
        with self._collector.lock:
            self._collector.tags[arn] = tags
            self._waiting.discard(arn)
            clients = [] if self._waiting else [*self._clients.values()]
        for client in clients:
            client.close()

    def _client(self, second: bool) -> Any:
        """Return the client for the first or the second attempts."""
        with self._collector.lock:
            if second not in self._clients:
                self._clients[second] = self._new_client()
            return self._clients[second]
