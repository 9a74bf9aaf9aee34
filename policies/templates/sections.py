"""A template's sections and the stack's own parameters, apart from what is evaluated.

Sources: AWS CloudFormation User Guide, "CloudFormation template sections", "Parameters" (types),
"Pseudo parameters reference", "Transform".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..encryption.partitions import partition_of
from ..encryption.values import Hidden, Unknown
from .undecided import Undecided, text_of, whole
from .values import Context

DYNAMIC = Hidden((), "it is a dynamic reference, which AWS resolves when the stack is made")

_KINDS_OF_TRANSFORM = (
    "AWS::CodeDeployBlueGreen",
    "AWS::LanguageExtensions",
    "AWS::SecretsManager-",
    "AWS::Serverless-",
    "AWS::ServiceCatalog",
)
"""AWS's own macros that leave tables as they are."""

_URL_SUFFIXES = {
    "aws": "amazonaws.com",
    "aws-us-gov": "amazonaws.com",
    "aws-cn": "amazonaws.com.cn",
}
"""Partition → AWS::URLSuffix, where that is documented."""


class Sections:
    """One template in its stack."""

    def __init__(self, template: Mapping[str, object], context: Context) -> None:
        self._template = template
        self._context = context
        self.resources = self.section("Resources")
        self.conditions = self.section("Conditions")
        self.mappings = self.section("Mappings")
        self._parameters = self.section("Parameters")
        self._values: dict[str, object] = {}
        self._pseudo = _pseudo_parameters(context)
        # What holds whatever is assumed: conditions by name, keys and aliases by logical id.
        self.truths: dict[str, bool] = {}
        self.named: dict[str, object] = {}

    def section(self, name: str) -> Mapping[str, object] | Unknown | Hidden:
        """The section `name`; empty where it is missing or no object, which AWS refuses."""
        found = self._template.get(name)
        return found if isinstance(found, (dict, Unknown, Hidden)) else {}

    def macro(self) -> Unknown | Hidden | None:
        """Why the template is not what AWS makes the stack of, where a macro changes all of it."""
        used = self._template.get("Transform")
        for one in used if isinstance(used, list) else [used]:
            name = one.get("Name", one) if isinstance(one, dict) else one
            if isinstance(name, (Unknown, Hidden)):
                return name
            if name is not None and not (
                isinstance(name, str) and name.startswith(_KINDS_OF_TRANSFORM)
            ):
                return _CHANGED
        inner = isinstance(self.resources, dict) and "Fn::Transform" in self.resources
        return _CHANGED if inner or "Fn::Transform" in self._template else None

    def parameter(self, name: str) -> object:
        """The value of the parameter or pseudo parameter `name`: a string, a list, or Undecided;
        None where the template declares none.
        """
        if name in self._pseudo:
            return self._pseudo[name]
        if isinstance(self._parameters, (Unknown, Hidden)):
            return Undecided(("Ref", name), self._parameters)
        if name not in self._parameters:
            return None
        if name not in self._values:
            self._values[name] = self._parameter(name, self._parameters[name])
        return self._values[name]

    def allowed(self, name: str) -> frozenset[str] | None:
        """The values that AWS takes for the parameter `name`; None where it takes any."""
        declared = self._parameters.get(name) if isinstance(self._parameters, dict) else None
        if not isinstance(declared, dict):
            return None
        kind, values = declared.get("Type"), declared.get("AllowedValues")
        # They are those of each item of a list, and those of a stored value's name.
        if not isinstance(kind, str) or "List" in kind or _is_stored(kind):
            return None
        if not isinstance(values, list) or len(values) > _ALLOWED_VALUES_LIMIT:
            return None
        texts = [text_of(it) for it in values]
        return None if None in texts else frozenset(it for it in texts if it is not None)

    def _parameter(self, name: str, declared: object) -> object:
        def undecided(why: Unknown | Hidden) -> Undecided:
            return Undecided(("Ref", name), why)

        if isinstance(declared, (Unknown, Hidden)):
            return undecided(declared)
        if not isinstance(declared, dict):
            return undecided(Hidden((), "its parameter is declared wrongly"))
        kind = declared.get("Type")
        if isinstance(kind, (Unknown, Hidden)):
            return undecided(kind)
        kind = kind if isinstance(kind, str) else "String"
        # Asked before the value itself, which may be known later and decides nothing.
        if _is_stored(kind):
            return undecided(Hidden((), "its value stands in Systems Manager's Parameter Store"))
        if name in self._context.parameters:
            value = self._context.parameters[name]
        elif self._context.others is not None:
            value = self._context.others
        else:
            value = declared.get("Default", Hidden((), "its parameter has no value"))
        if isinstance(value, (Unknown, Hidden)):
            return undecided(value)
        of_list = kind == "CommaDelimitedList" or kind.startswith("List<")
        return _given(name, value, of_list=of_list)


_ALLOWED_VALUES_LIMIT = 1000
_CHANGED = Hidden((), "the template is changed by a macro before AWS makes the stack of it")


def _is_stored(kind: str) -> bool:
    """Whether a parameter of type `kind` holds the name of a value in the Parameter Store."""
    return kind.startswith("AWS::SSM::Parameter::Value")


def _given(name: str, value: object, *, of_list: bool) -> object:
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        items = [_item(("Ref", name, index), it) for index, it in enumerate(value)]
        if of_list:
            return items
        if any(isinstance(it, Undecided) for it in items):
            return next(it for it in items if isinstance(it, Undecided))
        return ",".join(str(it) for it in items)
    one = _item(("Ref", name), value)
    if of_list and isinstance(one, str):
        return [it.strip() for it in one.split(",")]
    return one


def _item(origin: tuple[str | int, ...], value: object) -> str | Undecided:
    if isinstance(value, (Unknown, Hidden)):
        return Undecided(origin, value)
    text = text_of(whole(value) if isinstance(value, float) else value)
    if text is None:
        return Undecided(origin, Hidden((), "its parameter has a value of the wrong type"))
    return Undecided(origin, DYNAMIC) if "{{resolve:" in text else text


def _pseudo_parameters(context: Context) -> dict[str, object]:
    partition, suffix = None, None
    if context.region is not None:
        partition = partition_of(context.region)
        suffix = _URL_SUFFIXES.get(partition)
    known = {
        "AWS::Region": (context.region, "the Region of the stack is not known"),
        "AWS::AccountId": (context.account, "the account of the stack is not known"),
        "AWS::Partition": (partition, "the Region of the stack is not known"),
        "AWS::URLSuffix": (suffix, "the Region of the stack is not known"),
        "AWS::StackName": (context.stack_name, "the name of the stack is not known"),
        "AWS::StackId": (None, "AWS gives the stack its id when it is made"),
        "AWS::NotificationARNs": (None, "the stack's notifications are not known"),
    }
    return {
        name: Undecided(("Ref", name), Hidden((), why)) if value is None else value
        for name, (value, why) in known.items()
    }
