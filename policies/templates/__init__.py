"""Read the resources that a CloudFormation template declares.

This package knows CloudFormation only: neither the Pulumi resource that has the template nor the
rule. It doesn't raise on any template, and it doesn't call AWS.
"""

from .hidden_parts import CARRIERS
from .limits import Budgets
from .template import Template
from .text import parse, parse_json
from .values import (
    Alias,
    Context,
    HiddenPart,
    InvalidTemplate,
    Key,
    PartialText,
    TemplateResource,
)

__all__ = [
    "CARRIERS",
    "Alias",
    "Budgets",
    "Context",
    "HiddenPart",
    "InvalidTemplate",
    "Key",
    "PartialText",
    "Template",
    "TemplateResource",
    "parse",
    "parse_json",
]
