"""Serve the gRPC protocol of language hosts, `pulumirpc.LanguageRuntime`, to the real engine.

Source: Pulumi, sdk/go/common/resource/plugin/langruntime_plugin.go (the engine's requests) and
sdk/python/cmd/pulumi-language-python-exec (how a program starts).
"""

# The protocol defines the names and arguments of the methods.
# ruff: noqa: ARG001, ARG002, D102, N802

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

from tools.engine import EXEC_SCRIPT
from tools.sandbox.language_host.policy_proxy import PolicyProxy
from tools.sandbox.language_host.programs import (
    Children,
    missing_virtualenv,
    options_of,
    output_of,
    python_of,
    virtualenv_of,
)
from tools.sandbox.plugin_server import serve

# The exec script's exit code for an error that the user has already seen.
_BAIL = 32


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """The language host for Python programs and policy packs."""

    def __init__(self, engine_address: str, exec_script: Path) -> None:
        self.engine_address = engine_address
        self.exec_script = exec_script
        self.children = Children()

    def Handshake(self, request: Any, context: Any) -> Any:
        self.engine_address = request.engine_address or self.engine_address
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version="3.0.0")

    def GetRequiredPackages(self, request: Any, context: Any) -> Any:
        return language_pb2.GetRequiredPackagesResponse()

    def GetRequiredPlugins(self, request: Any, context: Any) -> Any:
        return language_pb2.GetRequiredPluginsResponse()

    def About(self, request: Any, context: Any) -> Any:
        return language_pb2.AboutResponse(
            executable=sys.executable, version=platform.python_version()
        )

    def RuntimeOptionsPrompts(self, request: Any, context: Any) -> Any:
        return language_pb2.RuntimeOptionsResponse()

    def Cancel(self, request: Any, context: Any) -> Any:
        self.children.stop_all()
        return empty_pb2.Empty()

    def GetProgramDependencies(self, request: Any, context: Any) -> Any:
        """List the packages in the program's environment, for `pulumi about`."""
        code = (
            "import importlib.metadata as m, json; "
            "print(json.dumps(sorted({d.name: d.version for d in m.distributions()}.items())))"
        )
        python, env = python_of(request.info)
        process = self.children.start(
            [python, "-c", code], request.info.program_directory, env, pipes=True
        )
        output, _ = process.communicate()
        self.children.wait(process)
        dependencies = [
            language_pb2.DependencyInfo(name=name, version=version)
            for name, version in json.loads(output or b"[]")
        ]
        return language_pb2.GetProgramDependenciesResponse(dependencies=dependencies)

    def Run(self, request: Any, context: Any) -> Any:
        """Run a program until it ends."""
        if missing := missing_virtualenv(request.info):
            context.abort(grpc.StatusCode.UNKNOWN, missing)
        python, env = python_of(request.info)
        env["PULUMI_CONFIG"] = json.dumps(dict(request.config))
        env["PULUMI_CONFIG_SECRET_KEYS"] = json.dumps(list(request.configSecretKeys))
        options = {
            "monitor": request.monitor_address,
            "engine": self.engine_address,
            "project": request.project,
            "root_directory": request.info.root_directory,
            "stack": request.stack,
            "pwd": request.pwd,
            "dry_run": "true" if request.dryRun else "false",
            "parallel": str(request.parallel),
            "organization": request.organization,
        }
        flags = [part for name, value in options.items() if value for part in (f"--{name}", value)]
        program = request.info.entry_point or request.program or "."
        command = [python, "-u", str(self.exec_script), *flags, program, *request.args]
        # The program inherits the host's output, where the engine reads it.
        process = self.children.start(
            command, request.info.program_directory or request.pwd, env, pipes=False
        )
        context.add_callback(lambda: self.children.stop(process))
        code = self.children.wait(process)
        if code == 0:
            return language_pb2.RunResponse()
        if code == _BAIL:
            return language_pb2.RunResponse(bail=True)
        return language_pb2.RunResponse(error=f"program exited with non-zero exit code: {code}")

    def RunPlugin(self, request: Any, context: Any) -> Iterator[Any]:
        """Run a policy pack in its own folder until the engine stops it."""
        folder = request.info.program_directory
        if request.kind not in ("", "analyzer"):
            context.abort(
                grpc.StatusCode.UNIMPLEMENTED,
                f"the sandbox's stand-in language host can't run a plugin of kind {request.kind}.",
            )
        proxy = PolicyProxy()
        context.add_callback(proxy.stop)
        yield language_pb2.RunPluginResponse(stdout=f"{proxy.port}\n".encode())
        try:
            stack = proxy.environment()
        except futures.CancelledError:
            return
        python, env = python_of(request.info)
        # The engine's variables override the others. They include PATH.
        env |= stack | dict(variable.split("=", 1) for variable in request.env)
        command = [python, "-u", "-m", "pulumi.policy", *request.args, folder]
        try:
            process = self.children.start(command, folder, env, pipes=True)
        except OSError as error:
            reason = f"fork/exec {python}: {os.strerror(error.errno or 0).lower()}"
            proxy.abort(reason)
            context.abort(
                grpc.StatusCode.UNKNOWN,
                "problem executing plugin program (could not run language executor): " + reason,
            )
        context.add_callback(lambda: self.children.stop(process))
        for stream, chunk in proxy.attach(output_of(process)):
            output: dict[str, Any] = {stream: chunk}
            yield language_pb2.RunPluginResponse(**output)
        yield language_pb2.RunPluginResponse(exitcode=self.children.wait(process))

    def InstallDependencies(self, request: Any, context: Any) -> Iterator[Any]:
        """Create the project's virtualenv, and install its requirements.txt with pip.

        Source: InstallDependencies in sdk/python/toolchain/pip.go of pulumi/pulumi.
        """
        folder = request.info.program_directory or request.directory
        toolchain = options_of(request.info).get("toolchain", "pip")
        venv = virtualenv_of(request.info)
        requirements = Path(folder) / "requirements.txt"
        if str(toolchain).lower() != "pip":
            context.abort(
                grpc.StatusCode.UNIMPLEMENTED,
                f"the sandbox's stand-in language host supports pip, not {toolchain}.",
            )
        if venv is None:
            yield _line(
                f"The project in {folder} has no virtualenv, so it runs with {sys.executable}, "
                "and nothing is installed."
            )
            return
        python = str(venv / "bin" / "python")
        steps = [([sys.executable, "-m", "venv", str(venv)], "Creating virtual environment...",
                  "Finished creating virtual environment",
                  f"creating virtual environment at '{venv}'")]  # fmt: skip
        if requirements.exists():
            install = [python, "-m", "pip", "install", "-r", "requirements.txt"]
            steps.append((install, "Installing dependencies in virtual environment...",
                          "Finished installing dependencies",
                          f"installing dependencies via '{' '.join(install)}'"))  # fmt: skip
        env = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        for command, start, end, action in steps:
            yield _line(start)
            process = self.children.start(command, folder, env, pipes=True)
            context.add_callback(lambda process=process: self.children.stop(process))
            errors = b""
            for stream, chunk in output_of(process):
                errors += chunk if stream == "stderr" else b""
                yield language_pb2.InstallDependenciesResponse(**{stream: chunk})
            if code := self.children.wait(process):
                details = f"exit status {code}: {errors.decode(errors='replace').strip()}"
                context.abort(grpc.StatusCode.UNKNOWN, f"{action}: {details}")
            yield _line(end)
        yield _line("Finished installing dependencies\n")


def _line(text: str) -> Any:
    return language_pb2.InstallDependenciesResponse(stdout=f"{text}\n".encode())


def _unsupported(self: Any, request: Any, context: Any) -> Any:
    context.abort(
        grpc.StatusCode.UNIMPLEMENTED, "the sandbox's stand-in language host doesn't support this"
    )
    raise AssertionError("abort never returns")


for _method in ("Template", "GenerateProject", "GenerateProgram", "GeneratePackage", "Pack",
                "Link"):  # fmt: skip
    setattr(LanguageHost, _method, _unsupported)


def main(argv: list[str]) -> None:
    """Serve until the engine ends. The last argument is the engine's address."""
    # The engine runs the host in its own folder `bin`.
    script = Path(sys.argv[0]).resolve().parents[1] / EXEC_SCRIPT
    host = LanguageHost(argv[-1] if argv else "", script)
    add: Any = language_pb2_grpc.add_LanguageRuntimeServicer_to_server
    serve(add, host, host.children.stop_all)
