"""CloudFormation templates: which resources one declares, with which properties.

It knows CloudFormation: neither the Pulumi resource that carries a template nor what a rule wants
to see in it. Nothing here raises on any template, and nothing asks AWS.
"""

from .declarations import declarations
from .hidden_parts import CARRIERS, hidden_parts
from .text import parse, parse_json
from .values import (
    Alias,
    BadTemplate,
    Context,
    Declaration,
    HiddenPart,
    Key,
    PartlyHidden,
    PartlyUnknown,
)

__all__ = [
    "CARRIERS",
    "Alias",
    "BadTemplate",
    "Context",
    "Declaration",
    "HiddenPart",
    "Key",
    "PartlyHidden",
    "PartlyUnknown",
    "declarations",
    "hidden_parts",
    "parse",
    "parse_json",
]
