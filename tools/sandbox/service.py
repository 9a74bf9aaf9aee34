"""Processes that serve HTTP on this machine: the pretend AWS account and the pretend Pulumi Cloud.

Such a process serves one folder. It writes `process.json` ({"port", "pid"}) there when it is ready,
and outlives the command that started it. It ends when `process.json` or the folder is removed, or
an hour after the last request.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from tools import CHECKOUT
from tools.stoppable import Stoppable

IDLE_SECONDS = 3600.0
_HELLO = "/sandbox/hello"
_PROCESS = "process.json"
# The option SO_LINGER with which closing a socket sends a TCP reset: on, zero seconds.
_NO_LINGER = struct.pack("ii", 1, 0)
# Without the proxy of the user's environment, as the process is on this machine.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_Self = TypeVar("_Self", bound="Service")


class ServiceFailed(RuntimeError):  # noqa: N818 reads better in an except clause
    """A process didn't start. The message has its output."""


@dataclass(frozen=True)
class Service(Stoppable):
    """A running process. To start one, use `start`.

    Attributes:
        folder: the folder that it serves, with its `server.log`. Remove it to end the process.
        port: the port on this machine.
        pid: the id of the process.
        fresh: whether this call started the process.
    """

    folder: Path
    port: int
    pid: int
    fresh: bool = False

    title: ClassVar[str]
    """What messages call the process, such as "pretend AWS account"."""
    module: ClassVar[str]
    """The module whose `main` serves the folder that is its first argument."""

    @property
    def endpoint(self) -> str:
        """The URL of the process."""
        return f"http://127.0.0.1:{self.port}"

    @classmethod
    def find(cls: type[_Self], folder: Path) -> _Self | None:
        """Return the running process of this folder, or None."""
        try:
            process = json.loads((folder / _PROCESS).read_text())
            service = cls(folder, int(process["port"]), int(process["pid"]))
            hello = json.loads(service.call(_HELLO, timeout=5))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        # Another program may use the port now, so the process has to confirm its pid.
        return service if hello.get("pid") == service.pid else None

    @classmethod
    def start(cls: type[_Self], folder: Path) -> _Self:
        """Return the process of this folder. Starting it takes about a second.

        Raises:
            ServiceFailed: the process ended, or didn't answer within 30 seconds.
        """
        folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        # Two commands at the same time must not start two processes.
        with (folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return cls.find(folder) or cls._spawn(folder)

    def stop(self) -> None:
        """End the process if it is running. Its files stay."""
        if self.find(self.folder) is not None:
            os.kill(self.pid, signal.SIGTERM)
        (self.folder / _PROCESS).unlink(missing_ok=True)

    def call(
        self, path: str, method: str = "GET", timeout: float = 30, data: bytes | None = None
    ) -> bytes:
        """Send a request to the process, and return the body of the response."""
        url = self.endpoint + path
        request = urllib.request.Request(url, data, method=method)  # noqa: S310 always http
        with _OPENER.open(request, timeout=timeout) as answer:
            body: bytes = answer.read()
        return body

    def command(self, path: str, **arguments: Any) -> Any:
        """Run one of the sandbox's own calls, and return its result.

        Args:
            path: the path of the call.
            arguments: its arguments, which are sent as JSON.

        Raises:
            ValueError: the arguments are wrong.
        """
        try:
            answer = self.call(path, "POST", timeout=120, data=json.dumps(arguments).encode())
        except urllib.error.HTTPError as error:
            with error:
                raise ValueError(json.loads(error.read())["error"]) from error
        return json.loads(answer)["result"]

    @classmethod
    def _spawn(cls: type[_Self], folder: Path) -> _Self:
        (folder / _PROCESS).unlink(missing_ok=True)
        code = (
            f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); "
            f"from {cls.module} import main; main(sys.argv[1:])"
        )
        log = folder / "server.log"
        env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MOTO_"))}
        with log.open("w") as out:
            # In a new session, as Ctrl-C on a preview must not end the process.
            process = subprocess.Popen(
                [sys.executable, "-c", code, str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=folder,
                env=env,
                start_new_session=True,
            )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and process.poll() is None:
            if service := cls.find(folder):
                return replace(service, fresh=True)
            time.sleep(0.05)
        process.kill()
        raise ServiceFailed(f"the {cls.title} didn't start; it printed:\n{log.read_text()[-2000:]}")


class Server:
    """The HTTP server in such a process. It listens on a free port, which is its `port`.

    Args:
        app: the WSGI application to serve.
        commands: the sandbox's own calls. Each path runs its function with the arguments in the
            body of the request, which is JSON. The answer has the result, and names the process.
            If the function raises a ValueError, the answer has its text.
    """

    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        commands: Mapping[str, Callable[..., Any]] | None = None,
    ) -> None:
        # Only these processes need werkzeug. Commands that call them start faster without it.
        from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: PLC0415

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        # With HTTP/1.0 each call of boto3 opens a new connection.
        WSGIRequestHandler.protocol_version = "HTTP/1.1"
        self.app, self.last_call = app, time.monotonic()
        self.commands = {_HELLO: lambda: None, **(commands or {})}
        self.http = make_server("127.0.0.1", 0, self._handle, threaded=True)
        _let_connections_reset(self.http)
        self.port = self.http.server_port

    def serve(self, folder: Path, idle: float = IDLE_SECONDS) -> None:
        """Serve until the folder is removed, or until no call has come for `idle` seconds."""
        process_file = folder / _PROCESS
        draft = folder / f".{_PROCESS}.{os.getpid()}"
        draft.write_text(json.dumps({"port": self.port, "pid": os.getpid()}))
        draft.replace(process_file)
        watch = threading.Thread(
            target=self._end_when_unused, args=(process_file, idle), daemon=True
        )
        watch.start()
        self.http.serve_forever()

    def _handle(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        self.last_call = time.monotonic()
        command = self.commands.get(str(environ.get("PATH_INFO")))
        if command is None:
            return self.app(environ, start_response)
        sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        status = "200 OK"
        answer: dict[str, Any] = {"pid": os.getpid()}
        try:
            answer["result"] = command(**json.loads(sent or b"{}"))
        except ValueError as error:
            status, answer["error"] = "400 Bad Request", str(error)
        body = json.dumps(answer).encode()
        start_response(status, [("Content-Length", str(len(body)))])
        return [body]

    def _end_when_unused(self, process_file: Path, idle: float) -> None:
        while process_file.exists():
            if time.monotonic() - self.last_call > idle:
                process_file.unlink(missing_ok=True)
            else:
                time.sleep(0.5)
        os._exit(0)


def reset_connection(connection: socket.socket) -> None:
    """Let a connection of a `Server` end with a TCP reset, and read nothing more from it."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    connection.shutdown(socket.SHUT_RD)


def _let_connections_reset(server: Any) -> None:
    """Close a connection that lingers zero seconds at once, without the regular end of TCP."""
    shutdown = server.shutdown_request

    def close(connection: socket.socket) -> None:
        size = len(_NO_LINGER)
        if connection.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, size) == _NO_LINGER:
            server.close_request(connection)
        else:
            shutdown(connection)

    server.shutdown_request = close
