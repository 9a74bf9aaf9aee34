"""Answer what the pretend account answers before moto does: faults, wrong credentials, and roles.

Each call is logged first. Then come the checks of the credentials and the Region, the faults, and
the checks of roles and keys in other accounts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tools.sandbox.account.accounts import denied_key, denied_role, unknown_session
from tools.sandbox.account.calls import CallLog, Request
from tools.sandbox.account.errors import Error, wire
from tools.sandbox.account.faults import Faults, Reset, Text
from tools.sandbox.account.regions import REGION_STATUSES
from tools.sandbox.service import reset_connection

_Check = Callable[[Request], "Error | Reset | Text | None"]


class Gateway:
    """A WSGI application in front of moto's.

    Attributes:
        log: the log of the calls.
        faults: what happens to calls.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self.log, self.faults = CallLog(), Faults()
        self._checks: tuple[_Check, ...] = (
            unknown_session,
            REGION_STATUSES.rejected,
            self.faults.apply,
            denied_role,
            denied_key,
        )

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer a request."""
        request = Request.read(environ)
        if request is None:
            return self._app(environ, start_response)
        self.log.add(request.call)
        for check in self._checks:
            if ending := check(request):
                return _answer(ending, request, environ, start_response)
        return self._app(environ, start_response)


def _answer(
    ending: Error | Reset | Text,
    request: Request,
    environ: dict[str, Any],
    start_response: Callable[..., Any],
) -> Iterable[bytes]:
    if isinstance(ending, Reset):
        reset_connection(environ["werkzeug.socket"])
        raise ConnectionResetError
    if isinstance(ending, Text):
        body = ending.body.encode()
        headers = [("Content-Type", "text/html"), ("Content-Length", str(len(body)))]
        start_response(f"{ending.status} Text", headers)
        return [body]
    status, headers, body = wire(ending, request.call.service)
    start_response(status, headers)
    return [body]
