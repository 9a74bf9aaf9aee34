"""Run the pretend AWS account: moto's server on a free port of this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from tools.sandbox.service import Server

HOLD = "/sandbox/hold-key-changes"
FINISH = "/sandbox/finish-key-changes"


def main(argv: list[str]) -> None:
    """Serve the account of the folder `argv[0]`."""
    # Importers of this module's constants don't need moto, which is slow to import.
    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415
        DomainDispatcherApplication,
        create_backend_app,
    )

    from tools.sandbox.account import corrections, key_material, replicas, stacks  # noqa: PLC0415

    corrections.install()
    key_material.install()
    replicas.install()
    stacks.install()

    def create_app(service: Any) -> Any:
        if service == "cloudformation":
            stacks.hide_parameters()
        return create_backend_app(service)

    changes = corrections.KEY_CHANGES
    commands = {HOLD: changes.hold, FINISH: changes.finish}
    server = Server(DomainDispatcherApplication(create_app), commands)
    os.environ["MOTO_PORT"] = str(server.port)
    server.serve(Path(argv[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
