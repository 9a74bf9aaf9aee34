"""The pretend Pulumi Cloud as a process: a threaded HTTP server on a free port of this machine.

It prints its port and then nothing, and ends when its standard input does: nothing is left running
by accident.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import BaseConverter
from werkzeug.serving import WSGIRequestHandler, make_server

from tools.sandbox.cloud import groups, login, packs, stacks, updates
from tools.sandbox.cloud.api import Refused, store
from tools.sandbox.cloud.store import REQUESTS, Json, Store


class _Stack(BaseConverter):
    """A stack's full name, as in ``acme/orders/production``."""

    regex = "[^/]+/[^/]+/[^/]+"
    part_isolating = False


def make_app(folder: Path) -> Flask:
    """Return the application whose data lies in ``folder``."""
    app = Flask("sandbox.cloud")
    app.url_map.converters["stack"] = _Stack
    app.config["STORE"] = Store(folder)
    # Else a path that it knows would be answered for a method that it doesn't.
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    for part in (login, stacks, updates, packs, groups):
        app.register_blueprint(part.routes)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(HTTPException, _not_spoken)
    app.after_request(_note)
    return app


def _refused(refusal: Refused) -> tuple[Response, int]:
    return jsonify(refusal.document), refusal.status.value


def _not_spoken(error: HTTPException) -> tuple[Response, int]:
    """Name a request that the pretend Cloud doesn't know, and any mistake of its own."""
    code = error.code or 500
    reason = error.description or ""
    if isinstance(error, (NotFound, MethodNotAllowed)):
        # 404 for both: the CLI asks again and again after a status of 500 and above.
        code = 404
        reason = f"the pretend Pulumi Cloud doesn't know {request.method} {request.path}"
    document: Json = {"code": code, "message": f"{HTTPStatus(code).phrase}: {reason}"}
    return jsonify(document), code


def _note(response: Response) -> Response:
    """Note every request, and whether there is anything at that path."""
    line = {
        "method": request.method,
        "path": request.path,
        "status": response.status_code,
        "known": request.routing_exception is None,
    }
    with (store().folder / REQUESTS).open("a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")
    return response


class _OneByOne:
    """Answers one request at a time, so that no two change a document at once.

    Threads are needed all the same, for connections that stay open between requests.
    """

    def __init__(self, app: Flask) -> None:
        self.app, self.lock = app, threading.Lock()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        with self.lock:
            return self.app(environ, start_response)


def main(argv: list[str]) -> None:
    """Serve the Cloud of the folder ``argv[0]`` until standard input ends."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    WSGIRequestHandler.protocol_version = "HTTP/1.1"
    app = _OneByOne(make_app(Path(argv[0])))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    print(server.server_port, flush=True)
    server.serve_forever()


def _end_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
