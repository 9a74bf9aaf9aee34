"""`tools/policy-config write`: each policy gets the settings of one file."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.settings.reading import PLACEHOLDER, read
from policies.settings.schema import SCHEMA
from tests.keys import ACCOUNT, KEY_ARN
from tests.project import DECLARED, DEPLOYED, POLICIES, UNDETERMINED
from tests.tools.policy_config.cli import run, saved
from tools import CHECKOUT
from tools.policy_config.configuration import LEVELS, faults_of, text_of

EXEMPTION = {"urn": "urn:pulumi:production::shop::*::sessions", "reason": "no personal data"}
SETTINGS = {
    "requireCustomerManagedKey": True,
    "allowedKmsKeys": [ACCOUNT],
    "exemptions": [EXEMPTION],
}


def written(settings: dict[str, Any], level: str | None = None) -> dict[str, Any]:
    assert faults_of(settings) == []
    config: dict[str, Any] = json.loads(text_of(settings, level))
    assert list(config) == list(POLICIES)
    return config


def levels(settings: dict[str, Any], level: str | None = None) -> list[str | None]:
    return [entry.get("enforcementLevel") for entry in written(settings, level).values()]


def test_each_policy_gets_the_settings() -> None:
    assert written(SETTINGS) == dict.fromkeys(POLICIES, SETTINGS)
    assert written({}) == {policy: {} for policy in POLICIES}


def test_only_one_policy_remediates() -> None:
    config = written({**SETTINGS, "remediationKmsKey": KEY_ARN})
    assert config.pop(DECLARED) == {**SETTINGS, "remediationKmsKey": KEY_ARN}
    assert config == dict.fromkeys((DEPLOYED, UNDETERMINED), SETTINGS)


@pytest.mark.parametrize(
    ("level", "expected", "advisory"),
    [
        ("remediate", ["remediate"] * 3, ["advisory"] * 3),
        ({"all": "mandatory"}, ["mandatory"] * 3, ["advisory"] * 3),
        ({DECLARED: "remediate"}, ["remediate", None, None], ["advisory"] * 3),
        (
            {"all": "mandatory", UNDETERMINED: "disabled"},
            ["mandatory", "disabled", "mandatory"],
            ["advisory", "disabled", "advisory"],
        ),
    ],
)
def test_levels(level: Any, expected: list[str | None], advisory: list[str]) -> None:
    assert levels({"enforcementLevel": level}) == expected
    assert levels({"enforcementLevel": level}, "advisory") == advisory


def test_the_command_writes_the_same_bytes_and_checks_them(tmp_path: Path) -> None:
    settings = saved(tmp_path / "settings.json", SETTINGS)
    output = tmp_path / "policy-config.json"
    command = ("write", settings, "--output", output)
    assert run(*command, "--check").exit_code == 1
    assert run(*command).exit_code == 0
    first = output.read_bytes()
    assert first == text_of(SETTINGS).encode()
    assert run(*command).exit_code == 0
    assert output.read_bytes() == first
    assert run(*command, "--check").exit_code == 0
    advisory = run(*command, "--check", "--all", "advisory")
    assert advisory.exit_code == 1
    assert advisory.stdout == f"{output} is not up to date. Run the command without --check.\n"
    assert output.read_bytes() == first


TABLE = "urn:pulumi:production::shop::aws:dynamodb/table:Table::sessions"
EXCEPTIONS = {"EXC-1": {"reason": "moved", "targets": [TABLE]}}


def test_an_exception_is_written_for_all_policies(tmp_path: Path) -> None:
    settings = saved(tmp_path / "settings.json", {**SETTINGS, "exceptions": EXCEPTIONS})
    output = tmp_path / "policy-config.json"
    result = run("write", settings, "--output", output)
    assert (result.exit_code, result.stderr) == (0, "")
    # It shows what the exceptions don't do.
    assert "Note: `pulumi policy enable` ignores the exceptions of a file." in result.stdout
    match = [{"policies": list(POLICIES), "targets": [TABLE]}]
    assert json.loads(output.read_text(encoding="utf-8")) == {
        "version": 2,
        "policies": dict.fromkeys(POLICIES, SETTINGS),
        "exceptions": {"EXC-1": {"reason": "moved", "match": match}},
    }
    assert run("check", output).exit_code == 0
    assert run("write", settings, "--output", output, "--check").exit_code == 0


def test_a_file_without_exceptions_is_for_every_version_of_the_cli() -> None:
    assert text_of({**SETTINGS, "exceptions": {}}) == text_of(SETTINGS)


WRONG: list[tuple[Any, str]] = [
    ({"exceptions": []}, "exceptions is a list instead of an object of exceptions by ID."),
    (
        {"exceptions": {"EXC-1": {"reason": "moved", "targets": ["*"]}}},
        "The exception 'EXC-1' has no list of URNs as the targets.",
    ),
    (
        {"exceptions": {"EXC-1": {**EXCEPTIONS["EXC-1"], "expires": "2027-01-31"}}},
        "The exception 'EXC-1': There is no property called 'expires'. The CLI ignores it.",
    ),
    ({"exceptions": {"EXC-1": {"targets": [TABLE]}}}, "The exception 'EXC-1' has no reason"),
    (
        {"exceptions": {"EXC-1": {"reason": PLACEHOLDER, "targets": [TABLE]}}},
        "The exception 'EXC-1' still has the placeholder as its reason",
    ),
    (
        {"exemptions": [{**EXEMPTION, "reason": PLACEHOLDER}]},
        "exemptions[0] still has the placeholder as its reason",
    ),
    (
        {"requireCustomerManagedKeys": True},
        "There is no setting called 'requireCustomerManagedKeys'. Did you mean "
        "'requireCustomerManagedKey'?",
    ),
    (
        {"enforcementLevels": "advisory"},
        "There is no setting called 'enforcementLevels'. Did you mean 'enforcementLevel'?",
    ),
    (
        {"enforcementLevel": "advisroy"},
        "There is no enforcement level called 'advisroy'. Did you mean 'advisory'?",
    ),
    (
        {"enforcementLevel": {DECLARED: None}},
        "An enforcement level is null instead of one of advisory, mandatory, remediate, disabled.",
    ),
    (
        {"enforcementLevel": {"dynamodb-table-kms-encyption": "remediate"}},
        f"There is no policy called 'dynamodb-table-kms-encyption'. Did you mean '{DECLARED}'?",
    ),
    ({DECLARED: SETTINGS}, "Write each setting once, without the names of the policies."),
    (
        '{"exemptions": [], "exemptions": []}',
        "'exemptions' appears 2 times in the same object, and the CLI uses only the last one. "
        "Remove the others.",
    ),
    ('{"exemptions": [', "is not JSON: Expecting value (line 1, column 17)."),
    ("[]", "has no JSON object, so it must start with {."),
    ('{"a": NaN}', "is not JSON that the CLI can read"),
    ("[" * 100_000, "is not JSON that the CLI can read"),
    ('{"\\ud800\\u001b[31m": 1}', "There is no setting called '\ufffd\ufffd[31m'."),
]


@pytest.mark.parametrize(("settings", "fault"), WRONG, ids=range(len(WRONG)))
def test_wrong_settings_are_refused(tmp_path: Path, settings: Any, fault: str) -> None:
    output = tmp_path / "policy-config.json"
    file = saved(tmp_path / "settings.json", settings)
    result = run("write", file, "--output", output)
    assert (result.exit_code, result.stdout) == (2, "")
    assert fault in result.stderr
    assert not output.exists()


def test_files_that_cant_be_read_or_written(tmp_path: Path) -> None:
    settings = saved(tmp_path / "settings.json", SETTINGS)
    for arguments, message in (
        (("write", tmp_path / "no.json"), "no.json can't be read: No such file or directory."),
        (("write", settings, "--output", settings), "Name another file with --output."),
        (("write", settings, "--output", tmp_path), "can't be written: Is a directory."),
        (("check", tmp_path), "can't be read: Is a directory."),
        (("write", settings, "--all", "advice"), "invalid choice: 'advice'"),
        ((), "the following arguments are required: COMMAND"),
    ):
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert message in result.stderr
    settings.write_bytes("{}".encode("utf-16"))
    assert "it is not a text in UTF-8." in run("write", settings).stderr


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=3),
    st.sampled_from([KEY_ARN, ACCOUNT, "", "*", *LEVELS]),
    st.lists(st.sampled_from([KEY_ARN, ACCOUNT, "", "orders"]), max_size=2),
    st.lists(
        st.dictionaries(
            st.sampled_from(["table", "urn", "reason", "expires"]),
            st.sampled_from(["", "a", "urn:pulumi:a::*", "2027-01-31", "20270131", None]),
        ),
        max_size=2,
    ),
)


@given(
    st.dictionaries(st.sampled_from([*SCHEMA, "enforcementLevel", DECLARED]), VALUES, max_size=4)
)
def test_the_engine_accepts_what_is_written(settings: dict[str, Any]) -> None:
    if faults_of(settings):
        return
    for entry in written(settings).values():
        assert entry.pop("enforcementLevel", "advisory") in LEVELS
        assert read(entry).faults == ()
        jsonschema.validate(entry, {"type": "object", "properties": SCHEMA})


def test_the_script_runs_in_any_folder(tmp_path: Path) -> None:
    (tmp_path / "tools.py").write_text("raise SystemExit('imported')", encoding="utf-8")
    saved(tmp_path / "settings.json", SETTINGS)
    subprocess.run([CHECKOUT / "tools/policy-config", "write", "settings.json"], cwd=tmp_path,
                   check=True, timeout=60)  # fmt: skip
    assert (tmp_path / "policy-config.json").read_text(encoding="utf-8") == text_of(SETTINGS)


def test_without_the_requirements_the_script_says_what_to_run(tmp_path: Path) -> None:
    tools = tmp_path / "fresh clone" / "tools"
    tools.mkdir(parents=True)
    shutil.copy(CHECKOUT / "tools/policy-config", tools)
    completed = subprocess.run(
        [tools / "policy-config"], capture_output=True, text=True, check=False, timeout=60
    )
    assert (completed.returncode, completed.stdout) == (2, "")
    assert completed.stderr == (
        "tools/policy-config: the pack's requirements are not installed. "
        f"In {tools.parent}, run `pulumi install`.\n"
    )
