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


class HostError(Exception):
    """An error for the user. The message is a full sentence."""


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

    Raises:
        HostError: the project's virtualenv doesn't exist.
    """
    env = dict(os.environ)
    venv = virtualenv_of(info)
    if venv is None:
        return sys.executable, env
    python = venv / "bin" / "python"
    if not python.exists():
        raise HostError(
            f"the virtualenv {str(options_of(info)['virtualenv'])!r} of the project in "
            f"{info.root_directory or info.program_directory} doesn't exist. "
            "Run `pulumi install` there (or `make setup`, in a checkout of this repository)."
        )
    env["VIRTUAL_ENV"] = str(venv)
    env["PATH"] = os.pathsep.join([str(venv / "bin"), env.get("PATH", "")])
    env.pop("PYTHONHOME", None)
    return str(python), env


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
