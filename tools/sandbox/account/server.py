"""The pretend AWS account as a process: moto's server on a free port of this machine.

It writes ``account.json`` ({"port", "pid"}) into its folder when it is ready, and ends itself when
that folder goes or when nobody has called it for an hour: nothing is left running by accident.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

IDLE_SECONDS = 3600.0
HELLO = "/sandbox/hello"


def main(argv: list[str]) -> None:
    """Serve the account of the folder ``argv[0]`` until it isn't wanted any more."""
    folder = Path(argv[0])
    idle = float(argv[1]) if len(argv) > 1 else IDLE_SECONDS
    # Imported here: the clients of this module need the constants, not moto.
    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415
        DomainDispatcherApplication,
        create_backend_app,
    )
    from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: PLC0415

    from tools.sandbox.account import corrections, replicas, stacks  # noqa: PLC0415

    corrections.install()
    replicas.install()
    stacks.install()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = _Watched(DomainDispatcherApplication(create_backend_app), folder)
    # Without 1.1 every call of boto3 opens a connection of its own.
    WSGIRequestHandler.protocol_version = "HTTP/1.1"
    server = make_server("127.0.0.1", 0, app, threaded=True)
    os.environ["MOTO_PORT"] = str(server.server_port)
    note = folder / "account.json"
    draft = folder / f".account.{os.getpid()}"
    draft.write_text(json.dumps({"port": server.server_port, "pid": os.getpid()}))
    draft.replace(note)
    threading.Thread(target=_end_when_unwanted, args=(app, note, idle), daemon=True).start()
    server.serve_forever()


class _Watched:
    """Notes when the account was last called, and says whose account it is."""

    def __init__(self, app: Callable[..., Iterable[bytes]], folder: Path) -> None:
        self.app, self.folder, self.called = app, folder, time.monotonic()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        self.called = time.monotonic()
        if environ.get("PATH_INFO") == HELLO:
            body = json.dumps({"folder": str(self.folder), "pid": os.getpid()}).encode()
            start_response("200 OK", [("Content-Length", str(len(body)))])
            return [body]
        return self.app(environ, start_response)


def _end_when_unwanted(app: _Watched, note: Path, idle: float) -> None:
    while note.exists():
        if time.monotonic() - app.called > idle:
            note.unlink(missing_ok=True)
        else:
            time.sleep(0.5)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
