"""Serve the pretend Pulumi Cloud on a free port of this machine."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import BaseConverter

from tools.sandbox.cloud import exceptions, groups, login, packs, stacks, updates
from tools.sandbox.cloud.api import Refused, store
from tools.sandbox.cloud.store import REQUESTS, Json, Store
from tools.sandbox.service import Server


class _Stack(BaseConverter):
    """A stack's full name, as in `acme/orders/production`."""

    regex = "[^/]+/[^/]+/[^/]+"
    part_isolating = False


def make_app(folder: Path) -> Flask:
    """Return the application that stores its data in `folder`."""
    app = Flask("sandbox.cloud")
    app.url_map.converters["stack"] = _Stack
    app.config["STORE"] = Store(folder)
    # Flask would answer OPTIONS for every known path.
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    for part in (login, stacks, updates, packs, groups, exceptions):
        app.register_blueprint(part.routes)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(HTTPException, _unsupported)
    app.after_request(_record)
    return app


def _refused(refusal: Refused) -> tuple[Response, int]:
    return jsonify(refusal.document), refusal.status.value


def _unsupported(error: HTTPException) -> tuple[Response, int]:
    """Return the error for a request that the Cloud doesn't know, or for a failure of its own."""
    code = error.code or 500
    reason = error.description or ""
    if isinstance(error, (NotFound, MethodNotAllowed)):
        # 404 for both, since the CLI repeats requests after a status of 500 and above.
        code = 404
        reason = f"the pretend Pulumi Cloud doesn't know {request.method} {request.path}"
    document: Json = {"code": code, "message": f"{HTTPStatus(code).phrase}: {reason}"}
    return jsonify(document), code


def _record(response: Response) -> Response:
    """Record a request, and whether the Cloud knows its path and method."""
    record = {
        "method": request.method,
        "path": request.path,
        "status": response.status_code,
        "known": request.routing_exception is None,
    }
    with (store().folder / REQUESTS).open("a", encoding="utf-8") as log:
        log.write(json.dumps(record) + "\n")
    return response


class _OneByOne:
    """Handles one request at a time, so that no two change a document at once.

    The server still needs threads, for connections that stay open between requests.
    """

    def __init__(self, app: Flask) -> None:
        self.app, self.lock = app, threading.Lock()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        with self.lock:
            return self.app(environ, start_response)


def main(argv: list[str]) -> None:
    """Serve the Cloud of the folder `argv[0]`."""
    folder = Path(argv[0])
    Server(_OneByOne(make_app(folder))).serve(folder)


if __name__ == "__main__":
    main(sys.argv[1:])
