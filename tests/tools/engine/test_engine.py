"""Which engine the sandbox uses, and what it reports if there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.engine import EXEC_SCRIPT, VARIABLE, EngineMissing, find_engine
from tools.engine.build import build_engine
from tools.engine.versions import GO, NEWEST, OLDEST


@pytest.fixture(autouse=True)
def no_wanted_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def script(path: Path, output: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{output}'\n")
    path.chmod(0o755)
    return path


def test_a_recent_pulumi_with_its_language_host_is_used(tmp_path: Path) -> None:
    pulumi = script(tmp_path / "bin" / "pulumi", "v3.262.0")
    script(tmp_path / "bin" / "pulumi-language-python", "")
    engine = find_engine(str(tmp_path / "bin"), built=tmp_path / "none")
    assert (engine.pulumi, engine.version) == (pulumi, "3.262.0")
    assert engine.own_language_host


def built(folder: Path, version: str) -> Path:
    """Build an engine that only prints its version."""
    pulumi = script(folder / version / "bin" / "pulumi", f"v{version}")
    (folder / version / EXEC_SCRIPT).touch()
    return pulumi


@pytest.mark.parametrize(
    ("version", "host", "reason"),
    [
        (None, False, "there is no pulumi on PATH"),
        ("v3.99.9", True, "is version 3.99.9, and 3.250.0 or newer is needed"),
        ("v3.262.0", False, "comes without pulumi-language-python"),
        ("", True, "doesn't report its version"),
    ],
)
def test_the_reason_why_there_is_no_engine(
    tmp_path: Path, version: str | None, host: bool, reason: str
) -> None:
    bin_folder = tmp_path / "bin"
    if version is not None:
        script(bin_folder / "pulumi", version)
    if host:
        script(bin_folder / "pulumi-language-python", "")
    with pytest.raises(EngineMissing) as missing:
        find_engine(str(bin_folder), built=tmp_path / "none")
    assert reason in str(missing.value)
    assert "make engine" in str(missing.value)
    assert f"Go {GO}" in str(missing.value)
    assert "install the Pulumi CLI" in str(missing.value)

    # A built engine is used, even if it is on PATH itself.
    pulumi = built(tmp_path / "engine", NEWEST)
    search = f"{pulumi.parent}:{bin_folder}"
    script(pulumi.parent / "pulumi-language-python", "")
    engine = find_engine(search, built=tmp_path / "engine")
    assert (engine.pulumi, engine.own_language_host) == (pulumi, False)


def test_a_build_that_fails_reports_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(EngineMissing, match=r"no go on PATH. Install Go 1\."):
        build_engine(NEWEST, tmp_path / "engine")
    go = script(tmp_path / "bin" / "go", "go1.20.3")
    with pytest.raises(EngineMissing, match=r"is go1\.20\.3"):
        build_engine(NEWEST, tmp_path / "engine")
    go.write_text(
        '#!/bin/sh\n[ "$1" = env ] && echo go1.99.0 && exit\necho no network >&2\nexit 1\n'
    )
    with pytest.raises(EngineMissing, match=r"`\S+go get` failed:\nno network"):
        build_engine(NEWEST, tmp_path / "engine")
    assert not (tmp_path / "engine" / NEWEST / EXEC_SCRIPT).exists()


def test_a_variable_names_the_built_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "oldest")
    with pytest.raises(EngineMissing, match=f"{OLDEST} is not built. Run `{VARIABLE}={OLDEST} "):
        find_engine(built=tmp_path)
    for name, version in (("oldest", OLDEST), ("newest", NEWEST), ("3.260.0", "3.260.0")):
        pulumi = built(tmp_path, version)
        monkeypatch.setenv(VARIABLE, name)
        assert find_engine(built=tmp_path).pulumi == pulumi
