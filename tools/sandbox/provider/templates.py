"""CloudFormation templates: normalize them as the provider does, and answer as AWS does.

Source: NormalizeJSONOrYAMLString in internal/verify/json.go of terraform-provider-aws, and
"Parameters" in the AWS CloudFormation User Guide.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlparse

import yaml

from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.properties import Props

_ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def normalized(text: Any) -> Any:
    """Return JSON with sorted names and no spaces, as Go writes it. Other values are unchanged."""
    if not isinstance(text, str) or not text.lstrip().startswith("{"):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    compact = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for character, escape in _ESCAPED.items():
        compact = compact.replace(character, escape)
    return compact


def body_at(aws: Aws, region: str, url: str) -> str:
    """Return the template at a URL of an S3 object (https://BUCKET.s3.REGION.amazonaws.com/KEY)."""
    parts = urlparse(url)
    bucket = parts.netloc.partition(".")[0]
    answer = aws.client("s3", region).get_object(Bucket=bucket, Key=parts.path.lstrip("/"))
    body: str = answer["Body"].read().decode()
    return body


def shown_parameters(body: Any, given: Props) -> Props:
    """Return the parameters of a template as AWS shows them: with Defaults, and NoEcho as ****."""
    template = yaml.load(body, _Loader) if isinstance(body, str) else body  # noqa: S506 a SafeLoader
    declared = template.get("Parameters") if isinstance(template, dict) else None
    shown = {}
    for name, parameter in (declared or {}).items():
        hidden = str(parameter.get("NoEcho")).lower() == "true"
        value = given.get(name, parameter.get("Default"))
        if value is not None:
            shown[name] = "****" if hidden else str(value)
    return shown


class _Loader(yaml.SafeLoader):
    """Loads a template without the values of its short-form functions."""


_Loader.add_multi_constructor("!", lambda *_: None)
