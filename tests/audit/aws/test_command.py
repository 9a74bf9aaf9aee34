"""The command always ends in time, with a report and the documented exit code."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from audit.results import Status, Verdict
from tests.audit.aws import cli
from tests.audit.aws.population import REGIONS, Kind, add_tables, limit_regions
from tools.sandbox.account import Account, Denied, Error, Fault, Reset, Slow

REGION = "us-east-1"
START_SECONDS = 30
"""How long a busy machine can need to start Python."""


@pytest.fixture(autouse=True)
def small(account: Account) -> Account:
    """An empty account with three Regions."""
    limit_regions(account)
    return account


def waited_for(condition: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@contextmanager
def listening() -> Iterator[tuple[int, list[str]]]:
    """Listen on a port, and yield it with the first lines of the requests."""
    requests: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    requests.append(connection.recv(4_096).decode().partition("\r\n")[0])
                    connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1], requests
        server.shutdown(socket.SHUT_RDWR)


def without_credentials(env: dict[str, str]) -> dict[str, str]:
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    return {name: value for name, value in env.items() if name not in names}


@pytest.mark.parametrize(
    ("kind", "fault", "code"),
    [
        (Kind.MANAGED, None, 0),
        (Kind.OWNED, None, 1),
        (Kind.MANAGED, Fault(Denied(), "dynamodb", region="eu-west-1"), 3),
        (Kind.MANAGED, Fault(Reset(), "dynamodb", "DescribeTable"), 3),
        (Kind.OWNED, Fault(Denied(), "account"), 3),
        (Kind.MANAGED, Fault(Denied(), "kms"), 0),
    ],
)
def test_exit_codes(
    small: Account, env: dict[str, str], kind: Kind, fault: Fault | None, code: int
) -> None:
    tables = add_tables(small, kind)
    if fault is not None:
        small.inject(fault)
    result = cli.run({**env, "AWS_MAX_ATTEMPTS": "2"})
    result.check(tables)
    assert result.code == code
    assert result.err == ""


def test_strict(small: Account, env: dict[str, str]) -> None:
    tables = add_tables(small, Kind.MANAGED)
    small.inject(Fault(Denied(), "kms"))
    result = cli.run(env, "--strict")
    result.check(tables, strict=True)
    assert result.code == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_audit_with_a_report(
    small: Account, env: dict[str, str], number: signal.Signals
) -> None:
    # Fewer than the threads, so that the other Region is read, too.
    tables = add_tables(small, Kind.OWNED, 5, "eu-central-1") + add_tables(small, Kind.MANAGED, 10)
    small.inject(Fault(Slow(60), "dynamodb", "DescribeTable", region=REGION))
    process = cli.start(env)
    waited_for(lambda: small.call_counts()["dynamodb:DescribeTable"] == 5 + 10)
    time.sleep(0.5)
    process.send_signal(number)
    started = time.monotonic()
    result = cli.end(process)
    # Each call would take a minute.
    assert time.monotonic() - started < 30
    result.check(tables)
    assert result.code == 1
    assert set(result.verdicts("eu-central-1").values()) == {Verdict.VIOLATION}
    assert set(result.verdicts().values()) == {Verdict.NOT_READ}
    (warning,) = result.audit.run.warnings
    assert "interrupted" in warning


def test_a_signal_while_the_accounts_are_opened(small: Account, env: dict[str, str]) -> None:
    small.inject(Fault(Slow(60), "sts"))
    process = cli.start(env)
    waited_for(lambda: small.call_counts()["sts:GetCallerIdentity"])
    process.terminate()
    result = cli.end(process)
    result.check(())
    assert result.code == 3


def test_a_second_signal_ends_at_once(small: Account, env: dict[str, str]) -> None:
    add_tables(small, Kind.MANAGED, 3)
    small.inject(Fault(Slow(60), "dynamodb", "DescribeTable"))
    process = cli.start(env)
    waited_for(lambda: small.call_counts()["dynamodb:DescribeTable"] >= 3)
    # Both signals arrive before the program notices the first one.
    for number in (signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGCONT):
        process.send_signal(number)
    result = cli.end(process, 30)
    assert result.code in (128 + signal.SIGINT, 128 + signal.SIGTERM)
    assert result.out == ""


@pytest.mark.parametrize("hanging", ["sts", "account", "dynamodb", "kms"])
def test_the_time_limit(small: Account, env: dict[str, str], hanging: str) -> None:
    tables = add_tables(small, Kind.MANAGED, 20)
    small.inject(Fault(Slow(60), hanging))
    started = time.monotonic()
    result = cli.run(env, "--timeout", "2")
    # Each call would take a minute.
    assert time.monotonic() - started < 30
    result.check(tables)
    assert result.code == 3
    taken = result.audit.run.finished - result.audit.run.started
    assert 2 <= taken.total_seconds() < 20
    assert "time limit" in result.audit.run.warnings[0]


def test_an_endpoint_that_never_answers(env: dict[str, str]) -> None:
    # It accepts connections in its queue, and no program reads them.
    with socket.create_server(("127.0.0.1", 0)) as server:
        endpoint = f"http://127.0.0.1:{server.getsockname()[1]}"
        result = cli.run({**env, "AWS_ENDPOINT_URL": endpoint}, "--timeout", "1")
    result.check(())
    taken = result.audit.run.finished - result.audit.run.started
    assert taken.total_seconds() < 20
    assert result.code == 3


def test_an_endpoint_that_refuses_connections(env: dict[str, str]) -> None:
    # It is bound, so that no other program gets the port, and does not listen.
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{unused.getsockname()[1]}"
        result = cli.run({**env, "AWS_ENDPOINT_URL": endpoint})
    result.check(())
    assert result.code == 3
    (entry,) = result.audit.coverage
    assert entry.reason.startswith("AWS can't be reached: Could not connect")


def test_no_credentials(env: dict[str, str]) -> None:
    # Every request over HTTP would use the proxy, also one to a metadata service.
    with listening() as (port, requests):
        proxy = f"http://127.0.0.1:{port}"
        started = time.monotonic()
        result = cli.run(
            {**without_credentials(env), "HTTP_PROXY": proxy, "HTTPS_PROXY": proxy, "NO_PROXY": ""}
        )
        assert time.monotonic() - started < START_SECONDS
    result.check(())
    assert result.code == 3
    assert requests == []
    (entry,) = result.audit.coverage
    assert entry.status is Status.FAILED
    assert entry.reason.startswith("There are no AWS credentials. Sign in")


def test_a_metadata_service_that_is_configured(env: dict[str, str]) -> None:
    with listening() as (port, requests):
        endpoint = f"http://127.0.0.1:{port}"
        result = cli.run(
            {**without_credentials(env), "AWS_EC2_METADATA_SERVICE_ENDPOINT": endpoint}
        )
    result.check(())
    assert requests[0].startswith("PUT /latest/api/token")
    assert result.audit.coverage[0].reason.startswith("There are no AWS credentials.")


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"AWS_MAX_ATTEMPTS": "many"}, "A setting of the AWS SDK"),
        ({"AWS_ENDPOINT_URL": "localhost"}, "A setting of the AWS SDK"),
        ({"AWS_PROFILE": "none"}, "The config profile (none) could not be found."),
        ({"AWS_SECRET_ACCESS_KEY": ""}, "Partial credentials found in env"),
    ],
)
def test_wrong_settings_of_the_sdk(
    env: dict[str, str], variables: dict[str, str], reason: str
) -> None:
    result = cli.run({**env, **variables})
    result.check(())
    assert result.code == 3
    assert result.audit.coverage[0].reason.startswith(reason)


def test_a_profile_that_fails_does_not_hide_the_others(small: Account, env: dict[str, str]) -> None:
    tables = add_tables(small, Kind.OWNED)
    Path(env["AWS_SHARED_CREDENTIALS_FILE"]).write_text(
        "[none]\nregion = us-east-1\n"
        "[good]\naws_access_key_id = testing\naws_secret_access_key = testing\n"
    )
    result = cli.run(without_credentials(env), "--profile", "none", "--profile", "good")
    result.check(tables)
    assert result.entry(None, "profile none").status is Status.FAILED
    assert set(result.verdicts()) == {"owned-00000"}


def test_expired_credentials_end_the_audit_quickly(small: Account, env: dict[str, str]) -> None:
    tables = [t for region in REGIONS for t in add_tables(small, Kind.MANAGED, 120, region)]
    small.inject(Fault(Error("ExpiredTokenException"), "dynamodb", after=50))
    started = time.monotonic()
    result = cli.run(env)
    assert time.monotonic() - started < START_SECONDS + 10
    result.check(tables)
    assert result.code == 3


def test_the_output_is_closed_early(small: Account, env: dict[str, str]) -> None:
    add_tables(small, Kind.OWNED, 300)
    process = cli.start(env)
    assert process.stdout is not None
    process.stdout.read(1)
    process.stdout.close()
    assert process.stderr is not None
    errors = process.stderr.read()
    assert process.wait(30) == 1
    assert errors == ""


@pytest.mark.parametrize("arguments", [("--timeout", "0"), ("--organization",), ("--region", "x")])
def test_wrong_usage(env: dict[str, str], arguments: tuple[str, ...]) -> None:
    assert cli.run(env, *arguments).code == 2
