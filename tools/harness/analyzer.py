"""The analyzer process and the calls that the engine makes to it.

Sources: Pulumi, proto/pulumi/analyzer.proto; sdk/go/common/resource/plugin/analyzer_plugin.go
(how the engine starts a pack and which calls it makes first); pkg/resource/analyzer/config.go
(how configuration is put together).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi.runtime.proto import analyzer_pb2_grpc

from .properties import Properties, Resource, from_struct, to_struct

_LARGEST_MESSAGE = 400 * 1024 * 1024
_ENGINE = "127.0.0.1:1"
"""Where the engine would be. The analyzer takes the address and, unless it fails to start, never
uses it."""


class AnalyzerError(Exception):
    """The analyzer did not start, or answered a call with an error instead of a verdict."""


@dataclass(frozen=True)
class Diagnostic:
    """One thing that a policy told the engine.

    message: with the policy's description in front, as the SDK puts it together.
    level: "advisory", "mandatory", "remediate" or "disabled".
    severity: "low", "medium", "high", "critical", or "" where none is told.
    """

    policy: str
    message: str
    level: str
    severity: str
    urn: str


@dataclass(frozen=True)
class Answer:
    """What the policies said of a resource or of a stack.

    violations: what policies reported.
    undetermined: the SDK's own advisories that a policy could not run because of an unknown value.
    not_applicable: policy name → reason, of the policies that had nothing to judge.
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
    """What a policy changed: all of the resource's new properties, or why it could not."""

    policy: str
    properties: dict[str, Any]
    diagnostic: str


@dataclass(frozen=True)
class PolicyInfo:
    """A policy as the engine registers it; `kind` is "resource" or "stack"."""

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
    provider: str
    tags: tuple[str, ...]
    policies: tuple[PolicyInfo, ...]

    def policy(self, name: str) -> PolicyInfo:
        """The policy called `name`; KeyError where there is none."""
        return {policy.name: policy for policy in self.policies}[name]


class Analyzer:
    """A running policy pack. Use `start`, and leave the `with` block to stop it."""

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
        """What the pack has printed to its standard output, beside the port; complete after
        `stop`. The engine shows it to the user."""
        self._reader = threading.Thread(target=self._read_output, daemon=True)
        self._reader.start()

    @classmethod
    def start(
        cls, pack: Path, *, python: str = sys.executable, cwd: Path | None = None, boot: float = 20
    ) -> Analyzer:
        """Start the pack in folder `pack` and configure it with its defaults.

        python: the interpreter that has the pack's requirements.
        cwd: the folder of the program that is being deployed, where the engine starts packs; an
            empty one where none is given, so that nothing is found by chance.
        boot: seconds to wait for the pack to serve.

        Raises AnalyzerError, with what the pack printed, where it does not start.
        """
        folder = _Folder()
        process = subprocess.Popen(
            [python, "-u", "-m", "pulumi.policy", _ENGINE, str(pack.resolve())],
            cwd=cwd or folder.empty,
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

    def __enter__(self) -> Analyzer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop the pack. What it printed can still be read."""
        self._channel.close()
        self._process.terminate()
        self._process.wait(timeout=10)
        self._reader.join(timeout=10)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._folder.close()

    @property
    def errors(self) -> str:
        """What the pack has printed to its standard error. The engine shows it to the user."""
        return self._folder.errors()

    @property
    def peak_memory(self) -> int:
        """The most memory that the pack has held so far, in bytes (Linux only).

        Source: Linux, proc(5), VmHWM.
        """
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        return next(
            int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:")
        )

    def info(self) -> Info:
        """What the pack registers: itself and its policies."""
        answer = self._call(self._stub.GetAnalyzerInfo, empty_pb2.Empty())
        return Info(
            name=answer.name,
            display_name=answer.displayName,
            description=answer.description,
            provider=answer.provider,
            tags=tuple(answer.tags),
            policies=tuple(_policy_info(policy) for policy in answer.policies),
        )

    def configure(self, config: Mapping[str, Any]) -> None:
        """Configure the policies, as a `--policy-pack-config` file with `config` in it would.

        config: policy name, or "all" → enforcement level, or an object of settings with
            "enforcementLevel" among them. Defaults of the policies' schemas are filled in.

        Raises ValueError for settings of "all", which the engine does not take.
        """
        request = pb.ConfigureAnalyzerRequest()
        everywhere = config.get("all")
        if isinstance(everywhere, Mapping) and set(everywhere) != {"enforcementLevel"}:
            raise ValueError('the engine takes nothing but an enforcement level for "all"')
        for policy in self.info().policies:
            settings = {
                name: schema["default"]
                for name, schema in policy.config_schema.items()
                if "default" in schema
            }
            level = policy.level
            for given in (everywhere, config.get(policy.name)):
                if isinstance(given, str):
                    level = given
                elif given is not None:
                    level = given.get("enforcementLevel", level)
                    settings.update({k: v for k, v in given.items() if k != "enforcementLevel"})
            entry = request.policyConfig[policy.name]
            entry.enforcementLevel = pb.EnforcementLevel.Value(level.upper())
            entry.properties.CopyFrom(to_struct(settings))
        self._call(self._stub.Configure, request)

    def analyze(
        self, resource: Resource | str, properties: Properties | None = None, name: str = "it"
    ) -> Answer:
        """Ask the resource policies about one resource, by its inputs.

        resource: a resource, or the type token of one with `properties` and `name`.
        """
        if isinstance(resource, str):
            resource = Resource(resource, properties or {}, name)
        request = pb.AnalyzeRequest(
            type=resource.type,
            name=resource.name,
            urn=resource.urn,
            properties=to_struct(resource.properties),
            options=pb.AnalyzerResourceOptions(parent=resource.parent),
            provider=_provider(resource),
        )
        return _answer(self._call(self._stub.Analyze, request))

    def analyze_stack(self, resources: Sequence[Resource]) -> Answer:
        """Ask the stack policies about a stack, by its resources' outputs."""
        request = pb.AnalyzeStackRequest(
            resources=[
                pb.AnalyzerResource(
                    type=resource.type,
                    name=resource.name,
                    urn=resource.urn,
                    properties=to_struct(resource.properties),
                    parent=resource.parent,
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
        """Ask the policies at level `remediate` to mend a resource, by its inputs."""
        request = pb.AnalyzeRequest(
            type=resource.type,
            name=resource.name,
            urn=resource.urn,
            properties=to_struct(resource.properties),
            provider=_provider(resource),
        )
        answer = self._call(self._stub.Remediate, request)
        return [
            Remediation(each.policyName, from_struct(each.properties), each.diagnostic)
            for each in answer.remediations
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
    """The process's own folder: an empty one to start in, and its standard error."""

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
        """Remove the folder and answer what was printed to it, which stays readable."""
        self._errors = self.errors()
        self.stderr.close()
        self._folder.cleanup()
        return self._errors


def _first_line(process: subprocess.Popen[str], seconds: float) -> str:
    """The first line that `process` prints: the port. Empty where it ends or takes too long."""
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        return process.stdout.readline().strip() if process.stdout is not None else ""
    finally:
        timer.cancel()


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
    said = [
        Diagnostic(
            policy=each.policyName,
            message=each.message,
            level=pb.EnforcementLevel.Name(each.enforcementLevel).lower(),
            severity=_severity(each.severity),
            urn=each.urn,
        )
        for each in response.diagnostics
    ]
    # The SDK tells of an unknown value by a diagnostic like any other: its opening words are all
    # that marks it.
    return Answer(
        violations=tuple(it for it in said if not it.message.startswith("can't run policy")),
        undetermined=tuple(it for it in said if it.message.startswith("can't run policy")),
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
