"""Serve a stand-in provider to the engine over gRPC, as `pulumirpc.ResourceProvider`.

Like a bridged provider, it supports previews but neither secrets nor output values: the engine
unwraps secret inputs, and marks the outputs of the same name as secret.

Source: pkg/tfbridge/provider.go of pulumi-terraform-bridge, and provider_plugin.go in
sdk/go/common/resource/plugin of pulumi/pulumi (the engine's calls).
"""

# The protocol sets the names and arguments of the methods.
# ruff: noqa: ARG001, ARG002, D102, N802

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from tools.sandbox import plugin_server
from tools.sandbox.provider.aws import Aws, ProviderError, sentence
from tools.sandbox.provider.package import Package
from tools.sandbox.provider.properties import Props, decode, encode
from tools.sandbox.provider.resource import Change, Resource

_KINDS = provider_pb2.PropertyDiff
_DIFF = {
    ("add", False): _KINDS.ADD,
    ("add", True): _KINDS.ADD_REPLACE,
    ("delete", False): _KINDS.DELETE,
    ("delete", True): _KINDS.DELETE_REPLACE,
    ("update", False): _KINDS.UPDATE,
    ("update", True): _KINDS.UPDATE_REPLACE,
}


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """A provider, which the engine configures once.

    Args:
        package: the provider's resource types and functions.
    """

    def __init__(self, package: Package) -> None:
        self.package = package
        self.aws = Aws({}, package.name)

    # --- configuration --------------------------------------------------------------------

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=self.package.version)

    def CheckConfig(self, request: Any, context: Any) -> Any:
        config = decode(request.news)
        failures = []
        if self.package.needs_region and "region" not in config:
            try:
                Aws(config, self.package.name).region  # noqa: B018 raises if there is no Region
            except ProviderError as error:
                failures = [provider_pb2.CheckFailure(property="region", reason=str(error))]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        old, new = decode(request.olds), decode(request.news)
        changes = [
            Change(prop, "update", prop == "region")
            for prop in sorted((old.keys() | new.keys()) - {"version"})
            if old.get(prop) != new.get(prop)
        ]
        return _diff_response(changes)

    def Configure(self, request: Any, context: Any) -> Any:
        self.aws = Aws(decode(request.args), self.package.name)
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    # --- resources ------------------------------------------------------------------------

    def Check(self, request: Any, context: Any) -> Any:
        resource = self._resource(request, context)
        name = request.name or request.urn.rsplit("::", 1)[-1]
        inputs, failures = resource.check(
            name, decode(request.olds), decode(request.news), request.randomSeed
        )
        return provider_pb2.CheckResponse(
            inputs=encode(inputs),
            failures=[provider_pb2.CheckFailure(property=p, reason=r) for p, r in failures],
        )

    def Diff(self, request: Any, context: Any) -> Any:
        resource = self._resource(request, context)
        new = decode(request.news)
        old_inputs = decode(request.old_inputs)
        with _errors_reported(context, f"comparing {resource.title} ({request.id})"):
            changes = resource.diff(self.aws, decode(request.olds), old_inputs, new)
        ignored = {_property(path) for path in request.ignoreChanges}
        changes = [change for change in changes if _property(change.path) not in ignored]
        return _diff_response(changes, resource.needs_delete_first(new, changes))

    def Create(self, request: Any, context: Any) -> Any:
        resource = self._resource(request, context)
        inputs = decode(request.properties)
        with _errors_reported(context, f"creating {resource.title} ({_label(resource, inputs)})"):
            if request.preview:
                outputs = resource.plan(self.aws, {}, inputs)
                return provider_pb2.CreateResponse(properties=encode(outputs))
            resource_id, outputs = resource.create(self.aws, inputs)
            return provider_pb2.CreateResponse(id=resource_id, properties=encode(outputs))

    def Read(self, request: Any, context: Any) -> Any:
        resource = self._resource(request, context)
        state, inputs = decode(request.properties), decode(request.inputs)
        with _errors_reported(context, f"reading {resource.title} ({request.id})"):
            outputs = resource.read(self.aws, request.id, state)
            if outputs is None:
                return provider_pb2.ReadResponse()
            return provider_pb2.ReadResponse(
                id=request.id,
                properties=encode(outputs),
                inputs=encode(resource.inputs_after_read(inputs, state, outputs)),
            )

    def Update(self, request: Any, context: Any) -> Any:
        resource = self._resource(request, context)
        old, new = decode(request.olds), decode(request.news)
        ignored = {_property(path) for path in request.ignoreChanges}
        new.update({prop: old[prop] for prop in ignored if prop in old})
        with _errors_reported(context, f"updating {resource.title} ({request.id})"):
            if request.preview:
                planned = resource.plan(self.aws, old, new)
                return provider_pb2.UpdateResponse(properties=encode(planned))
            desired = resource.desired(self.aws, old, new)
            outputs = resource.update(self.aws, request.id, old, desired)
            return provider_pb2.UpdateResponse(properties=encode(outputs))

    def Delete(self, request: Any, context: Any) -> Any:
        resource = self._resource(request, context)
        with _errors_reported(context, f"deleting {resource.title} ({request.id})"):
            resource.delete(self.aws, request.id, decode(request.properties))
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:
        function = self.package.functions.get(request.tok)
        if function is None:
            self._unknown(context, "function", request.tok, self.package.functions)
        args = decode(request.args)
        with _errors_reported(context, f"invoking {request.tok}"):
            result: Props = function(self.aws, args)
        answer: dict[str, Any] = {"return": encode(result)}  # "return" is a keyword
        return provider_pb2.InvokeResponse(**answer)

    def GetSchema(self, request: Any, context: Any) -> Any:
        context.abort(
            grpc.StatusCode.UNIMPLEMENTED,
            f"the sandbox's stand-in {self.package.title} provider has no schema, so the CLI can't "
            "generate code.",
        )

    # --- helpers --------------------------------------------------------------------------

    def _resource(self, request: Any, context: Any) -> Resource:
        token = request.type or request.urn.split("::")[2].rsplit("$", 1)[-1]
        resource = self.package.types.get(token) or self.package.any_type
        if resource is None:
            self._unknown(context, "resource type", token, self.package.types)
        return resource

    def _unknown(self, context: Any, kind: str, token: str, known: Any) -> NoReturn:
        context.abort(
            grpc.StatusCode.UNIMPLEMENTED,
            f"the sandbox's stand-in {self.package.title} provider has no {kind} {token}. "
            f"It supports: {', '.join(sorted(known)) or 'none'}.",
        )
        raise AssertionError("abort never returns")


def _not_supported(self: Any, request: Any, context: Any) -> NoReturn:
    """Answer as gRPC does for a missing method, but without a traceback on stderr."""
    message = "the sandbox's stand-in provider doesn't support this method"
    context.abort(grpc.StatusCode.UNIMPLEMENTED, message)
    raise AssertionError("abort never returns")


for _method in (
    "Handshake",
    "Parameterize",
    "StreamInvoke",
    "Call",
    "Construct",
    "Attach",
    "GetMapping",
    "GetMappings",
    "List",
):
    setattr(Provider, _method, _not_supported)


@contextmanager
def _errors_reported(context: Any, action: str) -> Iterator[None]:
    """Report an error to the user as one sentence, without a traceback."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 boto3 raises errors without a common base
        context.abort(grpc.StatusCode.UNKNOWN, sentence(error, action))


def _property(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def _label(resource: Resource, inputs: Props) -> str:
    name = inputs.get(resource.autoname or "")
    return name if isinstance(name, str) else "unnamed"


def _diff_response(changes: list[Change], delete_first: bool = False) -> Any:
    some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
    return provider_pb2.DiffResponse(
        changes=some if changes else none,
        diffs=sorted({_property(c.path) for c in changes}),
        replaces=sorted({_property(c.path) for c in changes if c.replaces}),
        detailedDiff={
            c.path: provider_pb2.PropertyDiff(kind=_DIFF[c.kind, c.replaces], inputDiff=True)
            for c in changes
        },
        hasDetailedDiff=True,
        deleteBeforeReplace=delete_first,
    )


def serve(package: Package) -> None:
    """Serve a package until the engine ends."""
    add: Callable[[Any, Any], None] = provider_pb2_grpc.add_ResourceProviderServicer_to_server
    plugin_server.serve(add, Provider(package))
