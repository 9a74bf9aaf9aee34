"""Start the analyzer process of a pack, and send it the engine's requests.

Source: Pulumi, proto/pulumi/analyzer.proto, sdk/go/common/resource/plugin/analyzer_plugin.go (how
the engine starts a pack, and its first requests), and pkg/resource/analyzer/config.go (how it
combines settings).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi.runtime.proto import analyzer_pb2_grpc

from tools.harness.properties import Properties, Resource, from_struct, to_struct
from tools.stoppable import Stoppable

Operation = Literal["preview", "update", "analysis"]
"""What the engine runs a pack for; "analysis" is `pulumi policy analyze`."""

_STACK = {"PULUMI_PROJECT": "project", "PULUMI_STACK": "dev"}
_ENVIRONMENTS: Mapping[Operation, Mapping[str, str]] = {
    "preview": {**_STACK, "PULUMI_DRY_RUN": "true"},
    "update": {**_STACK, "PULUMI_DRY_RUN": "false"},
    "analysis": {},
}
"""The variables that the engine sets for a pack.

Source: Pulumi, sdk/policy_proxy.go and cmd/pulumi/policy/policy_analyze.go.
"""

_LARGEST_MESSAGE = 400 * 1024 * 1024
_ENGINE = "127.0.0.1:1"
"""The engine's address. The analyzer requires one, but uses it only if it fails to start."""


class AnalyzerError(Exception):
    """The analyzer didn't start, or a request failed."""


@dataclass(frozen=True)
class Diagnostic:
    """A policy's report about a resource.

    Attributes:
        policy: the policy's name.
        message: the message, which the SDK starts with the policy's description.
        level: the enforcement level: "advisory", "mandatory", "remediate", or "disabled".
        severity: "low", "medium", "high", "critical", or "" if there is none.
        urn: the resource's URN.
    """

    policy: str
    message: str
    level: str
    severity: str
    urn: str


@dataclass(frozen=True)
class Answer:
    """The policies' reports about a resource or a stack.

    Attributes:
        violations: the violations.
        undetermined: the SDK's warnings that a policy couldn't run because a value is unknown.
        not_applicable: policy → reason, for policies that don't apply.
    """

    violations: tuple[Diagnostic, ...]
    undetermined: tuple[Diagnostic, ...]
    not_applicable: Mapping[str, str]

    @property
    def messages(self) -> list[str]:
        """The messages of the violations."""
        return [violation.message for violation in self.violations]


@dataclass(frozen=True)
class Remediation:
    """A policy's remediation of a resource.

    Attributes:
        policy: the policy's name.
        properties: all of the resource's properties after the remediation.
        diagnostic: why the remediation failed, or "".
    """

    policy: str
    properties: dict[str, Any]
    diagnostic: str


@dataclass(frozen=True)
class PolicyInfo:
    """A policy as the engine registers it. Its `kind` is "resource" or "stack"."""

    name: str
    kind: str
    display_name: str
    description: str
    level: str
    severity: str
    tags: tuple[str, ...]
    remediation_steps: str
    url: str
    framework: Mapping[str, str]
    config_schema: Mapping[str, Any]
    required: tuple[str, ...]


@dataclass(frozen=True)
class Info:
    """A pack as the engine registers it."""

    name: str
    display_name: str
    description: str
    readme: str
    repository: str
    provider: str
    tags: tuple[str, ...]
    policies: tuple[PolicyInfo, ...]

    def policy(self, name: str) -> PolicyInfo:
        """Return the policy with that name, or raise KeyError."""
        return {policy.name: policy for policy in self.policies}[name]


class Analyzer(Stoppable):
    """A running policy pack. To start one, use `Analyzer.start`.

    Attributes:
        printed: what the pack has printed to its standard output, except for the port. It is
            complete after `stop`. The engine shows this output to the user.
    """

    def __init__(self, process: subprocess.Popen[str], port: int, folder: _Folder) -> None:
        self._process = process
        self._folder = folder
        self._channel = grpc.insecure_channel(
            f"127.0.0.1:{port}",
            options=[
                ("grpc.max_receive_message_length", _LARGEST_MESSAGE),
                ("grpc.max_send_message_length", _LARGEST_MESSAGE),
            ],
        )
        self._stub = analyzer_pb2_grpc.AnalyzerStub(self._channel)
        self.printed = ""
        self._reader = threading.Thread(target=self._read_output, daemon=True)
        self._reader.start()

    @classmethod
    def start(
        cls,
        pack: Path,
        *,
        python: str = sys.executable,
        cwd: Path | None = None,
        boot: float = 20,
        operation: Operation = "update",
    ) -> Analyzer:
        """Start a pack, and configure it with its defaults.

        Args:
            pack: the pack's folder.
            python: the interpreter, which has the pack's requirements.
            cwd: the folder of the Pulumi program, in which the engine starts packs. The default is
                an empty folder.
            boot: the seconds that the pack may take to start.
            operation: what the engine starts the pack for.

        Raises:
            AnalyzerError: the pack didn't start. The message contains what it printed.
        """
        folder = _Folder()
        process = subprocess.Popen(
            [python, "-u", "-m", "pulumi.policy", _ENGINE, str(pack.resolve())],
            cwd=cwd or folder.empty,
            env={**os.environ, **_ENVIRONMENTS[operation]},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=folder.stderr,
            text=True,
        )
        port = _first_line(process, boot)
        if not port.isdecimal():
            process.kill()
            process.wait()
            raise AnalyzerError(f"The pack in {pack} did not start: {port}{folder.close()}")
        analyzer = cls(process, int(port), folder)
        analyzer.configure({})
        return analyzer

    def stop(self) -> None:
        """Stop the pack. Its output can still be read."""
        self._channel.close()
        self._process.terminate()
        self._process.wait(timeout=10)
        self._reader.join(timeout=10)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._folder.close()

    @property
    def errors(self) -> str:
        """What the pack has printed to standard error. The engine shows it to the user."""
        return self._folder.errors()

    @property
    def peak_memory(self) -> int:
        """The largest amount of memory that the pack has used so far, in bytes (Linux only).

        Source: Linux, proc(5), VmHWM.
        """
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        return next(
            int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:")
        )

    def info(self) -> Info:
        """Return what the pack registers: itself and its policies."""
        info = self._call(self._stub.GetAnalyzerInfo, empty_pb2.Empty())
        return Info(
            name=info.name,
            display_name=info.displayName,
            description=info.description,
            readme=info.readme,
            repository=info.repository,
            provider=info.provider,
            tags=tuple(info.tags),
            policies=tuple(_policy_info(policy) for policy in info.policies),
        )

    def configure(self, config: Mapping[str, Any]) -> None:
        """Configure the policies, as with a `--policy-pack-config` file that contains `config`.

        Args:
            config: policy, or "all" → enforcement level, or an object of settings, which can
                include "enforcementLevel". The schemas' defaults are added.

        Raises:
            ValueError: there are settings for "all", which the engine rejects.
        """
        request = pb.ConfigureAnalyzerRequest()
        for_all = config.get("all")
        if isinstance(for_all, Mapping) and set(for_all) != {"enforcementLevel"}:
            raise ValueError('the engine accepts only an enforcement level for "all"')
        for policy in self.info().policies:
            settings = {
                name: schema["default"]
                for name, schema in policy.config_schema.items()
                if "default" in schema
            }
            level = policy.level
            for entry in (for_all, config.get(policy.name)):
                if isinstance(entry, str):
                    level = entry
                elif entry is not None:
                    level = entry.get("enforcementLevel", level)
                    settings.update({k: v for k, v in entry.items() if k != "enforcementLevel"})
            policy_config = request.policyConfig[policy.name]
            policy_config.enforcementLevel = pb.EnforcementLevel.Value(level.upper())
            policy_config.properties.CopyFrom(to_struct(settings))
        self._call(self._stub.Configure, request)

    def analyze(
        self, resource: Resource | str, properties: Properties | None = None, name: str = "it"
    ) -> Answer:
        """Run the resource policies on a resource and its inputs.

        Args:
            resource: the resource, or its type token.
            properties: its inputs, with a type token.
            name: its name, with a type token.
        """
        if isinstance(resource, str):
            resource = Resource(resource, properties or {}, name)
        return _answer(self._call(self._stub.Analyze, _request(resource)))

    def analyze_stack(self, resources: Sequence[Resource]) -> Answer:
        """Run the stack policies on a stack, with the outputs of its resources."""
        request = pb.AnalyzeStackRequest(
            resources=[
                pb.AnalyzerResource(
                    type=resource.type,
                    name=resource.name,
                    urn=resource.urn,
                    properties=to_struct(resource.properties),
                    parent=resource.parent,
                    options=_options(resource),
                    dependencies=resource.dependencies,
                    propertyDependencies={
                        key: pb.AnalyzerPropertyDependencies(urns=urns)
                        for key, urns in resource.property_dependencies.items()
                    },
                    provider=_provider(resource),
                )
                for resource in resources
            ]
        )
        return _answer(self._call(self._stub.AnalyzeStack, request))

    def remediate(self, resource: Resource) -> list[Remediation]:
        """Run the remediations of policies at the level `remediate` on a resource's inputs."""
        response = self._call(self._stub.Remediate, _request(resource))
        return [
            Remediation(each.policyName, from_struct(each.properties), each.diagnostic)
            for each in response.remediations
        ]

    def _call(self, method: Any, request: Any) -> Any:
        try:
            return method(request, timeout=60)
        except grpc.RpcError as error:
            raise AnalyzerError(f"{error.details()}\n{self.errors}") from error

    def _read_output(self) -> None:
        if self._process.stdout is not None:
            for line in self._process.stdout:
                self.printed += line


class _Folder:
    """A process's temporary folder: an empty working folder, and its standard error."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="analyzer-")
        self._path = Path(self._folder.name) / "stderr"
        self._errors: str | None = None
        self.empty = Path(self._folder.name) / "empty"
        self.empty.mkdir()
        self.stderr = self._path.open("w", encoding="utf-8")

    def errors(self) -> str:
        return self._path.read_text(encoding="utf-8") if self._errors is None else self._errors

    def close(self) -> str:
        """Remove the folder. Return the standard error, which can still be read."""
        self._errors = self.errors()
        self.stderr.close()
        self._folder.cleanup()
        return self._errors


def _first_line(process: subprocess.Popen[str], seconds: float) -> str:
    """Return the first line that a process prints, or "" if it ends or takes too long."""
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        return process.stdout.readline().strip() if process.stdout is not None else ""
    finally:
        timer.cancel()


def _request(resource: Resource) -> pb.AnalyzeRequest:
    return pb.AnalyzeRequest(
        type=resource.type,
        name=resource.name,
        urn=resource.urn,
        properties=to_struct(resource.properties),
        options=_options(resource),
        provider=_provider(resource),
    )


def _options(resource: Resource) -> pb.AnalyzerResourceOptions:
    return pb.AnalyzerResourceOptions(parent=resource.parent, ignoreChanges=resource.ignore_changes)


def _provider(resource: Resource) -> pb.AnalyzerProviderResource | None:
    if resource.provider is None:
        return None
    kind = f"pulumi:providers:{resource.type.partition(':')[0]}"
    return pb.AnalyzerProviderResource(
        type=kind,
        name="provider",
        urn=f"urn:pulumi:dev::project::{kind}::provider",
        properties=to_struct(resource.provider),
    )


def _answer(response: Any) -> Answer:
    violations: list[Diagnostic] = []
    undetermined: list[Diagnostic] = []
    for each in response.diagnostics:
        # Only its first words distinguish the SDK's warning about an unknown value.
        unknown = each.message.startswith("can't run policy")
        (undetermined if unknown else violations).append(
            Diagnostic(
                policy=each.policyName,
                message=each.message,
                level=pb.EnforcementLevel.Name(each.enforcementLevel).lower(),
                severity=_severity(each.severity),
                urn=each.urn,
            )
        )
    return Answer(
        violations=tuple(violations),
        undetermined=tuple(undetermined),
        not_applicable={each.policy_name: each.reason for each in response.not_applicable},
    )


def _policy_info(policy: Any) -> PolicyInfo:
    return PolicyInfo(
        name=policy.name,
        kind=pb.PolicyType.Name(policy.policy_type).removeprefix("POLICY_TYPE_").lower(),
        display_name=policy.displayName,
        description=policy.description,
        level=pb.EnforcementLevel.Name(policy.enforcementLevel).lower(),
        severity=_severity(policy.severity),
        tags=tuple(policy.tags),
        remediation_steps=policy.remediation_steps,
        url=policy.url,
        framework={
            part: getattr(policy.framework, part)
            for part in ("name", "version", "reference", "specification")
        },
        config_schema=from_struct(policy.configSchema.properties),
        required=tuple(policy.configSchema.required),
    )


def _severity(value: Any) -> str:
    name: str = pb.PolicySeverity.Name(value).removeprefix("POLICY_SEVERITY_").lower()
    return "" if name == "unspecified" else name
