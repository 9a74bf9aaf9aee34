"""Run the pretend AWS account: moto's server on a free port of this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.sandbox.service import Server

if TYPE_CHECKING:
    from tools.sandbox.account.gateway import Gateway

HOLD = "/sandbox/hold-key-changes"
FINISH = "/sandbox/finish-key-changes"
RESET = "/sandbox/reset"
CREDENTIALS = "/sandbox/credentials"
REGIONS = "/sandbox/set-regions"
TABLE_STATE = "/sandbox/set-table-state"
KEY_STATE = "/sandbox/set-key-state"
DELETE_KEY = "/sandbox/delete-key"
CREATE_TABLES = "/sandbox/create-tables"
FAULT = "/sandbox/inject"
REMOVE_FAULTS = "/sandbox/remove-faults"
CALLS = "/sandbox/calls"
COUNTS = "/sandbox/call-counts"
RECORDED_TYPES = "/sandbox/set-recorded-types"
SOURCE_STATUS = "/sandbox/set-source-status"
CONFIG_RECORDS = "/sandbox/add-config-records"


def main(argv: list[str]) -> None:
    """Serve the account of the folder `argv[0]`."""
    # Importers of this module's constants don't need moto, which is slow to import.
    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415
        DomainDispatcherApplication,
        create_backend_app,
    )

    from tools.sandbox.account import (  # noqa: PLC0415
        accounts,
        config_aggregator,
        corrections,
        key_material,
        regions,
        replicas,
        stacks,
        states,
    )
    from tools.sandbox.account.gateway import Gateway  # noqa: PLC0415

    modules = (
        corrections, key_material, states, replicas, stacks, regions, accounts, config_aggregator,
    )  # fmt: skip
    for module in modules:
        module.install()

    def create_app(service: Any) -> Any:
        if service == "cloudformation":
            stacks.hide_parameters()
        return create_backend_app(service)

    gateway = Gateway(DomainDispatcherApplication(create_app))
    server = Server(gateway, _commands(gateway))
    os.environ["MOTO_PORT"] = str(server.port)
    server.serve(Path(argv[0]))


def _commands(gateway: Gateway) -> dict[str, Callable[..., Any]]:
    """Return the sandbox's own calls."""
    from moto.moto_api._internal.models import moto_api_backend  # noqa: PLC0415
    from moto.organizations.models import organizations_backends  # noqa: PLC0415

    from tools.sandbox.account import (  # noqa: PLC0415
        accounts,
        config_aggregator,
        corrections,
        regions,
        states,
    )
    from tools.sandbox.account.faults import Fault  # noqa: PLC0415

    def reset() -> None:
        states_of_modules = (
            regions.REGION_STATUSES,
            accounts.SESSIONS,
            config_aggregator.RECORDING,
        )
        for cleared in (gateway.faults, *states_of_modules):
            cleared.clear()
        corrections.KEY_CHANGES.finish()
        moto_api_backend.reset()
        # moto keeps the members of organizations.
        organizations_backends.master_accounts.clear()
        gateway.log.clear()

    def inject(fault: dict[str, Any]) -> None:
        gateway.faults.add(Fault.from_json(fault))

    return {
        HOLD: corrections.KEY_CHANGES.hold,
        FINISH: corrections.KEY_CHANGES.finish,
        RESET: reset,
        CREDENTIALS: accounts.SESSIONS.credentials,
        REGIONS: regions.REGION_STATUSES.set,
        TABLE_STATE: states.set_table_state,
        KEY_STATE: states.set_key_state,
        DELETE_KEY: states.delete_key,
        CREATE_TABLES: states.create_tables,
        RECORDED_TYPES: config_aggregator.RECORDING.record,
        SOURCE_STATUS: config_aggregator.RECORDING.set_status,
        CONFIG_RECORDS: config_aggregator.RECORDING.add,
        FAULT: inject,
        REMOVE_FAULTS: gateway.faults.clear,
        CALLS: lambda: [asdict(call) for call in gateway.log.calls()],
        COUNTS: gateway.log.counts,
    }


if __name__ == "__main__":
    main(sys.argv[1:])
