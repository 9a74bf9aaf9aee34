"""Tables declared with Pulumi's AWS Native provider.

Sources: Pulumi Registry, "aws-native.dynamodb.Table" and "aws-native.dynamodb.GlobalTable".
"""

from __future__ import annotations

from .sse_specification import CAMEL_GLOBAL_TABLE, CAMEL_TABLE
from .tables import table_route

TABLE = table_route(CAMEL_TABLE, remediated=True)
GLOBAL_TABLE = table_route(CAMEL_GLOBAL_TABLE, remediated=True)
