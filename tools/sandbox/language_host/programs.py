"""Find the Python interpreter of a program or pack, and manage the processes of the host."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from queue import Queue
from typing import Any

from google.protobuf import json_format


def options_of(info: Any) -> dict[str, Any]:
    """Return the runtime options of a project (Pulumi.yaml or PulumiPolicy.yaml)."""
    options: dict[str, Any] = json_format.MessageToDict(info.options)
    return options


def virtualenv_of(info: Any) -> Path | None:
    """Return the virtualenv in a project's options, None if there is none.

    The path is relative to the folder of the project file.

    Source: Pulumi's documentation, "Python", "Virtual environments".
    """
    name = options_of(info).get("virtualenv")
    return Path(info.root_directory or info.program_directory) / str(name) if name else None


def python_of(info: Any) -> tuple[str, dict[str, str]]:
    """Return the interpreter of a project, and an environment with its programs first on PATH.

    The interpreter of a virtualenv may be missing.

    Source: Command and ActivateVirtualEnv in sdk/python/toolchain of pulumi/pulumi.
    """
    env = dict(os.environ)
    venv = virtualenv_of(info)
    if venv is None:
        return sys.executable, env
    env["VIRTUAL_ENV"] = str(venv)
    env["PATH"] = os.pathsep.join([str(venv / "bin"), env.get("PATH", "")])
    env.pop("PYTHONHOME", None)
    return str(venv / "bin" / "python"), env


def missing_virtualenv(info: Any) -> str | None:
    """Return what a user reads if a program's virtualenv is missing; None if it exists.

    Source: NewVirtualEnvError in sdk/python/toolchain/pip.go of pulumi/pulumi.
    """
    venv = virtualenv_of(info)
    if venv is None or (venv / "bin" / "python").is_file():
        return None
    name = options_of(info)["virtualenv"]
    python = venv / "bin" / "python"
    fault = "doesn't appear to be a virtual environment" if venv.exists() else "doesn't exist"
    return (
        f'The \'virtualenv\' option in Pulumi.yaml is set to "{name}", but "{venv}" {fault}; '
        "run the following commands to create the virtual environment and install dependencies "
        f"into it:\n\n    1. python3 -m venv {venv}\n"
        f"    2. {python} -m pip install --upgrade pip setuptools wheel\n"
        f"    3. {python} -m pip install -r requirements.txt\n\n\n"
        "For more information see: "
        "https://www.pulumi.com/docs/intro/languages/python/#virtual-environments"
    )


class Children:
    """The processes that the host started. They end with the host."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()

    def start(
        self, command: list[str], cwd: str, env: Mapping[str, str], pipes: bool
    ) -> subprocess.Popen[bytes]:
        """Start a process in the host's process group, so that the engine can end the group.

        Args:
            command: the program and its arguments.
            cwd: the folder to run it in.
            env: its environment.
            pipes: whether its output goes to pipes. Otherwise it goes to the host's output.
        """
        with self._lock:
            process = subprocess.Popen(
                command, cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if pipes else None,
                stderr=subprocess.PIPE if pipes else None,
            )  # fmt: skip
            self._running.add(process)
        return process

    def wait(self, process: subprocess.Popen[bytes]) -> int:
        """Wait for a process to end, and return its exit code."""
        code = process.wait()
        with self._lock:
            self._running.discard(process)
        return code

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Terminate a process, and kill it if it runs for two more seconds."""
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=2)
            except subprocess.TimeoutExpired:
                process.kill()

    def stop_all(self) -> None:
        """Stop all processes that are still running."""
        with self._lock:
            running = list(self._running)
        for process in running:
            self.stop(process)


def output_of(process: subprocess.Popen[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield a process's output as it appears, as ("stdout" or "stderr", bytes)."""
    chunks: Queue[tuple[str, bytes] | None] = Queue()

    def pump(name: str, stream: Any) -> None:
        while chunk := stream.read1(65536):
            chunks.put((name, chunk))
        chunks.put(None)

    streams = {"stdout": process.stdout, "stderr": process.stderr}
    for name, stream in streams.items():
        threading.Thread(target=pump, args=(name, stream), daemon=True).start()
    for _ in streams:
        yield from iter(chunks.get, None)
