"""How the audit runs the CLI, with a `pulumi` that fails in any way."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from threading import Timer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.results import Status
from audit.stacks.cli import Cli, CliError, shown_url, without_secrets
from audit.stacks.listing import Listed, distinct, list_by_cli

Fake = Callable[[str], None]


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Puts a shell script on PATH as `pulumi`."""

    def write(script: str) -> None:
        program = tmp_path / "pulumi"
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o755)

    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "hush-hush")
    return write


@pytest.mark.parametrize(
    ("script", "status", "reason"),
    [
        ("exit 3", Status.FAILED, "`pulumi` ended with exit code 3 and no message."),
        ("kill -9 $$", Status.FAILED, "`pulumi` was ended by the signal 9."),
        ("echo 'panic: nil' >&2; echo 'goroutine 1' >&2; exit 2", Status.FAILED,
         "panic: nil goroutine 1."),
        ("echo 'note' >&2; echo 'error: no such thing' >&2; exit 1", Status.FAILED,
         "no such thing."),
        (r"printf 'error: \033[31mred\nred' >&2; exit 1", Status.FAILED, "\ufffd[31mred red."),
        (r"printf 'error: \377' >&2; exit 1", Status.FAILED, "\ufffd."),
        ("echo 'error: [401] Unauthorized: who?' >&2; exit 1", Status.DENIED,
         "[401] Unauthorized: who?."),
        ("echo 'error: [403] Forbidden' >&2; exit 1", Status.DENIED, "[403] Forbidden."),
        ("echo 'error: open x: permission denied' >&2; exit 1", Status.DENIED,
         "open x: permission denied."),
        ("echo 'error: unknown flag: --json' >&2; exit 1", Status.FAILED,
         "unknown flag: --json. The `pulumi` on PATH is too old. Install a newer one."),
        ('echo "error: token $PULUMI_ACCESS_TOKEN" >&2; exit 1', Status.FAILED, "token ***."),
        ("echo 'error: pul-0123abc' >&2; exit 1", Status.FAILED, "***."),
        ("echo 'error: at https://a:b@c/' >&2; exit 1", Status.FAILED, "at https://c."),
        ("echo 'error: open \"pg://h/db?user=u&password=hush\": timeout' >&2; exit 1",
         Status.FAILED, 'open "pg://h/db": timeout.'),
        ("echo 'error: parse \"pg://u:hush#2@h\": invalid port \":hush\" after host' >&2; exit 1",
         Status.FAILED, 'parse "pg://h": invalid port after host.'),
        (r"printf '\377'", Status.FAILED,
         "The output of `pulumi stack ls` can't be read. Check the version of `pulumi` on PATH. "
         "It is not UTF-8."),
    ],
)  # fmt: skip
def test_a_command_that_fails(fake: Fake, script: str, status: Status, reason: str) -> None:
    fake(script)
    with pytest.raises(CliError) as raised:
        Cli().run("stack", "ls", backend=None)
    assert (raised.value.status, str(raised.value)) == (status, reason)


@pytest.mark.parametrize(
    "output", ["", "Hello", "null", "1", "[1]", "[{}]", '[{"name": 1}]', "[" * 100_000]
)
def test_a_list_that_cannot_be_read(fake: Fake, tmp_path: Path, output: str) -> None:
    (tmp_path / "output").write_text(output, encoding="utf-8")
    fake(f"cat {tmp_path}/output")
    with pytest.raises(CliError, match=r"^The output of `pulumi stack ls` can't be read. "):
        list_by_cli(Cli(), None, None, None)


@pytest.mark.parametrize("time", ["null", "1", '"yesterday"', '"9999999-01-01"'])
def test_a_time_that_cannot_be_read(fake: Fake, time: str) -> None:
    fake(f"""echo '[{{"name": "a/b/c", "lastUpdate": {time}}}]'""")
    assert list_by_cli(Cli(), None, None, None).stacks == [Listed("a/b/c")]


def test_standard_input_and_the_environment(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_OPTION_COLOR", "always")
    fake('cat; echo "$PULUMI_OPTION_COLOR,$PULUMI_SKIP_UPDATE_CHECK,$PULUMI_BACKEND_URL $@"')
    printed = Cli().run("whoami", backend="file://x").text
    assert printed == (
        ",true,file://x --color never --non-interactive --fully-qualify-stack-names whoami\n"
    )


def test_warnings(fake: Fake) -> None:
    fake("printf 'note\\nwarning: old\\n  layout\\nwarning: b\\nerror: c\\n' >&2; echo 1")
    assert Cli().run("whoami", backend=None).warnings == ("old layout", "b")


def test_a_command_that_takes_too_long(fake: Fake) -> None:
    fake("sleep 60")
    with pytest.raises(CliError, match=r"^`pulumi` did not answer within 0.2 seconds.$"):
        Cli(0.2).run("whoami", backend=None)


def test_stopping(fake: Fake) -> None:
    fake("sleep 60")
    cli = Cli()
    start = time.monotonic()
    Timer(0.3, cli.stop).start()
    for _ in range(2):
        with pytest.raises(CliError, match="was ended by the signal 9"):
            cli.run("whoami", backend=None)
    assert time.monotonic() - start < 30


def test_a_program_that_cannot_be_started(fake: Fake, tmp_path: Path) -> None:
    fake("")
    cli = Cli()
    (tmp_path / "pulumi").unlink()
    with pytest.raises(CliError, match=r"^`pulumi` can't be started: No such file or directory.$"):
        cli.run("whoami", backend=None)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://api.pulumi.com", "https://api.pulumi.com"),
        ("https://api.pulumi.com/", "https://api.pulumi.com"),
        ("file:///srv/stacks/", "file:///srv/stacks"),
        ("file:///", "file:///"),
        ("file://~", "file://~"),
        ("file://./here", "file://./here"),
        ("s3://bucket/folder?region=eu-west-1&awssdk=v2", "s3://bucket/folder?region=eu-west-1"),
        (
            "s3://bucket?endpoint=http://me:hush@minio:9000",
            "s3://bucket?endpoint=http://minio:9000",
        ),
        ("postgres://me:hush@host:5432/db?sslpassword=hush", "postgres://host:5432/db"),
        ("postgres://me:hu/sh@host/db", "postgres://host/db"),
        ("postgres://me:hunter#2@host/db", "postgres://host/db"),
        ("postgres://me:hunter?2@host/db", "postgres://host/db"),
        ("s3://bucket?endpoint=http://me:hu/sh@minio", "s3://bucket?endpoint=http://minio"),
        ("file:///srv/me@home", "file:///srv/me@home"),
        ("azblob://states?sig=hush#hush", "azblob://states"),
        ("http://[hush", "http://[hush"),
        ("shop", "shop"),
    ],
)
def test_the_shown_url_has_no_secret(url: str, shown: str) -> None:
    assert shown_url(url) == shown


@pytest.mark.parametrize(
    ("urls", "kept"),
    [
        (["s3://b", "s3://b/", "s3://B"], ["s3://b", "s3://B"]),
        (["file:///b", "file:///./b", "file:///b//"], ["file:///b"]),
        (["https://API.pulumi.com/", "HTTPS://api.pulumi.com"], ["https://API.pulumi.com"]),
        (["s3://b?region=r", "s3://b"], ["s3://b?region=r", "s3://b"]),
    ],
)
def test_distinct_backends(urls: list[str], kept: list[str]) -> None:
    assert distinct(urls) == kept


WORDS = st.text(st.sampled_from("abc:/?#[]@%\x1b\n&="), max_size=12)


@given(WORDS, WORDS)
def test_any_url_can_be_shown(first: str, last: str) -> None:
    assert "hush" not in shown_url(f"postgres://{first}:hush@{last}")
    assert shown_url(f"{first}://{last}").isprintable()


SCHEMES = st.sampled_from(["https", "postgres", "s3", "azblob", "mysql+x"])
PASSWORDS = st.tuples(WORDS, WORDS).map("hush".join)


@given(SCHEMES, WORDS, PASSWORDS, WORDS, st.permutations(["user=u", "password=hush", "region=r"]))
def test_no_password_of_a_url_is_shown(
    scheme: str, user: str, password: str, host: str, query: list[str]
) -> None:
    for url in (
        f"{scheme}://{user}:{password}@{host}",
        f"{scheme}://host?{'&'.join(query)}",
        f"{scheme}://{user}:{password}@host/db?{'&'.join(query)}",
    ):
        assert "hush" not in shown_url(url)
        assert "hush" not in without_secrets(f'open "{url}": {url}, and so on', url)
        if not re.search(r"\s", url):
            assert "hush" not in without_secrets(f'open "{url}": {url}, and so on')
