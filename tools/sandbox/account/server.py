"""Run the pretend AWS account: moto's server on a free port of this machine.

The process writes `account.json` ({"port", "pid"}) into its folder when it is ready. It ends when
the folder is removed, or an hour after the last call.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

IDLE_SECONDS = 3600.0
HELLO = "/sandbox/hello"
HOLD = "/sandbox/hold-key-changes"
FINISH = "/sandbox/finish-key-changes"


def main(argv: list[str]) -> None:
    """Serve the account of a folder.

    Args:
        argv: the folder, and optionally the seconds without a call after which the process ends.
    """
    folder = Path(argv[0])
    idle = float(argv[1]) if len(argv) > 1 else IDLE_SECONDS
    # Importers of this module's constants don't need moto, which is slow to import.
    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415
        DomainDispatcherApplication,
        create_backend_app,
    )
    from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: PLC0415

    from tools.sandbox.account import corrections, key_material, replicas, stacks  # noqa: PLC0415

    corrections.install()
    key_material.install()
    replicas.install()
    stacks.install()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)

    def create_app(service: Any) -> Any:
        if service == "cloudformation":
            stacks.hide_parameters()
        return create_backend_app(service)

    changes = corrections.KEY_CHANGES
    commands = {HELLO: lambda: None, HOLD: changes.hold, FINISH: changes.finish}
    app = _WatchedApp(DomainDispatcherApplication(create_app), folder, commands)
    # With HTTP/1.0 each call of boto3 opens a new connection.
    WSGIRequestHandler.protocol_version = "HTTP/1.1"
    server = make_server("127.0.0.1", 0, app, threaded=True)
    os.environ["MOTO_PORT"] = str(server.server_port)
    process_file = folder / "account.json"
    draft = folder / f".account.{os.getpid()}"
    draft.write_text(json.dumps({"port": server.server_port, "pid": os.getpid()}))
    draft.replace(process_file)
    threading.Thread(target=_end_when_unused, args=(app, process_file, idle), daemon=True).start()
    server.serve_forever()


class _WatchedApp:
    """An app that records the time of its last call, and answers the sandbox's own calls.

    Each path of `commands` runs its function, and the answer names the process.
    """

    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        folder: Path,
        commands: Mapping[str, Callable[[], None]],
    ) -> None:
        self.app, self.folder, self.last_call = app, folder, time.monotonic()
        self.commands = commands

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        self.last_call = time.monotonic()
        command = self.commands.get(str(environ.get("PATH_INFO")))
        if command is None:
            return self.app(environ, start_response)
        command()
        body = json.dumps({"folder": str(self.folder), "pid": os.getpid()}).encode()
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]


def _end_when_unused(app: _WatchedApp, process_file: Path, idle: float) -> None:
    while process_file.exists():
        if time.monotonic() - app.last_call > idle:
            process_file.unlink(missing_ok=True)
        else:
            time.sleep(0.5)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
