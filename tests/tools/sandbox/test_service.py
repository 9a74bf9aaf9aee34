"""The sandbox's processes start once, serve later commands, and end with their folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from http.client import HTTPException
from pathlib import Path

import pytest

from tools import CHECKOUT
from tools.sandbox import Account, ServiceFailed
from tools.sandbox.cloud import Cloud
from tools.sandbox.service import Service

SERVICES = [Account, Cloud]


@pytest.mark.parametrize("service", SERVICES)
def test_a_process_outlives_its_starter_until_its_folder_is_removed(
    service: type[Service], tmp_path: Path
) -> None:
    folder = tmp_path / "service"
    start = (
        f"from {service.__module__} import {service.__name__} as Service\n"
        f"from pathlib import Path\nprint(Service.start(Path({str(folder)!r})).pid)"
    )
    starter = subprocess.run(
        [sys.executable, "-c", start], cwd=CHECKOUT, check=True, capture_output=True, text=True
    )
    again = service.start(folder)
    assert (again.pid, again.fresh) == (int(starter.stdout), False)
    shutil.rmtree(folder)
    deadline = time.monotonic() + 10
    while reachable(again) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not reachable(again)


@pytest.mark.parametrize("service", SERVICES)
def test_a_stopped_process_is_started_again(service: type[Service], tmp_path: Path) -> None:
    with service.start(tmp_path) as first:
        assert first.fresh
    assert service.find(tmp_path) is None
    with service.start(tmp_path) as second:
        assert second.fresh
        assert second.pid != first.pid


def test_a_process_that_does_not_start_shows_why(tmp_path: Path) -> None:
    class Broken(Service):
        title = "pretend service"
        module = "tools.sandbox.no_such_module"

    with pytest.raises(ServiceFailed, match="pretend service didn't start") as failed:
        Broken.start(tmp_path)
    assert "No module named 'tools.sandbox.no_such_module'" in str(failed.value)


def reachable(service: Service) -> bool:
    try:
        service.call("/")
    except OSError as error:
        # An HTTP error is an answer.
        return hasattr(error, "code")
    except HTTPException:
        # It ends while it answers.
        return True
    return True
