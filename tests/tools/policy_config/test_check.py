"""`tools/policy-config check`: errors in a configuration, and what its patterns cover."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.settings.reading import today
from tests.keys import ACCOUNT, KEY_ARN, KEY_ID, OTHER_ACCOUNT, alias_arn, key_arn
from tests.policies.strategies import values
from tests.project import DECLARED, DEPLOYED, POLICIES, UNDETERMINED, for_all_policies
from tests.tools.policy_config.cli import run, saved, state
from tools.policy_config.check import check
from tools.policy_config.words import entry_in_words

TABLE = "aws:dynamodb/table:Table"
STACK = "urn:pulumi:production::shop"
EXEMPTION = {"table": "legacy-*", "reason": "moved"}
STRICT = {"requireCustomerManagedKey": True}
TYPO = "dynamodb-table-kms-encyption"
VERSION_2_NOTE = (
    'Version 3.250 of the CLI refuses a file with "version": 2, and version 3.274 reads it.'
)
ENABLE_NOTE = (
    "`pulumi policy enable` ignores the exceptions of a file. For a pack that is enabled in Pulumi "
    "Cloud, create them there."
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the files of property-based tests."""
    return tmp_path_factory.mktemp("check")


def faults(folder: Path, config: Any) -> list[str]:
    return check(saved(folder / "config.json", config)).faults


def exempting(**exemption: str) -> dict[str, Any]:
    return for_all_policies(exemptions=[{"reason": "moved", **exemption}])


def resource(name: str, kind: str = TABLE, **members: Any) -> dict[str, Any]:
    return {"urn": f"{STACK}::{kind}::{name}", "type": kind, "custom": True, **members}


def encrypted(key: str | None = None) -> dict[str, Any]:
    return {"serverSideEncryption": {"enabled": True, **({"kmsKeyArn": key} if key else {})}}


@pytest.mark.parametrize(
    "config",
    [
        {},
        "{}",
        {"all": "advisory"},
        {"all": {"enforcementLevel": "mandatory"}, UNDETERMINED: "disabled"},
        for_all_policies(**STRICT),
        {DECLARED: {"enforcementLevel": "remediate", "remediationKmsKey": KEY_ARN}},
        # A disabled policy may differ.
        {DECLARED: STRICT, DEPLOYED: STRICT, UNDETERMINED: "disabled"},
        {"all": "disabled", DECLARED: {**STRICT, "enforcementLevel": "mandatory"}},
        # A default that is written is the same as one that is not.
        {DECLARED: {"requireCustomerManagedKey": False, "exemptions": []}},
        {"environments": ["policies/table-encryption"]},
        {"version": 2},
        {"version": 2, "policies": for_all_policies(**STRICT), "environments": []},
        {
            "version": 2,
            "exceptions": {
                "EXC-1": {
                    "reason": "moved",
                    "match": [{"policies": list(POLICIES), "targets": [f"{STACK}::{TABLE}::a"]}],
                }
            },
        },
    ],
)
def test_correct_files(tmp_path: Path, config: Any) -> None:
    assert faults(tmp_path, config) == []


DIFFERS = (
    " has another value in {} than in {}. No table is accepted under such settings. Set the "
    "same value for each policy, or write the file with `tools/policy-config write`."
)
WRONG: list[tuple[Any, list[str]]] = [
    (
        '{"all": {"enforcementLevel": "mandatory", "enforcementLevel": "advisory"}}',
        [
            "'enforcementLevel' appears 2 times in the same object, and the CLI uses only the last "
            "one. Remove the others."
        ],
    ),
    (
        {TYPO: STRICT},
        [
            f"There is no policy called '{TYPO}'. Did you mean '{DECLARED}'? The CLI does not use "
            "its settings."
        ],
    ),
    (
        {"all": STRICT},
        ["all can have only an enforcement level. Move its other settings to each policy."],
    ),
    (
        {"all": "mandatry"},
        ["all: There is no enforcement level called 'mandatry'. Did you mean 'mandatory'?"],
    ),
    (
        {DECLARED: {"enforcementLevel": None}},
        [
            f"{DECLARED}: An enforcement level is null instead of one of advisory, mandatory, "
            "remediate, disabled."
        ],
    ),
    ({DECLARED: []}, [f"{DECLARED} is a list instead of a level or an object."]),
    (
        {"environments": "a"},
        ["environments is not a list of the names of ESC environments."],
    ),
    (
        for_all_policies(exemptions={}),
        [f"{', '.join(POLICIES)}: exemptions is an object instead of a list of objects."],
    ),
    (
        {DEPLOYED: STRICT},
        ["requireCustomerManagedKey" + DIFFERS.format(DEPLOYED, DECLARED)],
    ),
    (
        {DECLARED: {**STRICT, "exemptions": [EXEMPTION]}, UNDETERMINED: STRICT},
        [
            "requireCustomerManagedKey" + DIFFERS.format(DEPLOYED, DECLARED),
            "exemptions" + DIFFERS.format(f"{UNDETERMINED} and {DEPLOYED}", DECLARED),
        ],
    ),
    (
        exempting(table="a", expires="2020-01-31"),
        [
            "The exemption for table 'a' expired at the end of 2020-01-31 (UTC), so its tables "
            "are checked again. Remove it, or set a later date."
        ],
    ),
    (
        {"exceptions": {}},
        [
            "'exceptions' is the name of a policy here. In a file with policy exceptions, also "
            'write "version": 2.'
        ],
    ),
    ({"version": "2"}, ["There is no policy called 'version'. The CLI does not use its settings."]),
    (
        {"version": 3},
        ['The CLI reads no other version of the file than 2. Write "version": 2.'],
    ),
    (
        {"version": 2, "policy": {}},
        [
            "There is no property called 'policy'. Did you mean 'policies'? The CLI ignores it. "
            "Write the entries of the policies under policies."
        ],
    ),
    ({"version": 2, "policies": []}, ["policies is a list instead of an object."]),
    (
        {"version": 2, "exceptions": [1]},
        ["exceptions is a list instead of an object of exceptions by ID."],
    ),
    (
        {"version": 2, "exceptions": {"a b": 1}},
        [
            "The exception 'a b' has an ID with other characters than letters, digits, '-', '.', "
            "'_'.",
            "The exception 'a b' has no reason: say why the table is exempt.",
            "The exception 'a b' has no list of objects with policies and targets as its match.",
        ],
    ),
    (
        {
            "version": 2,
            "exceptions": {
                "a": {
                    "reason": "b",
                    "match": [{"policies": [TYPO], "targets": ["*"]}, {"policies": [1]}],
                }
            },
        },
        [
            f"The exception 'a': There is no policy called '{TYPO}'. Did you mean '{DECLARED}'?",
            "The exception 'a' has no list of URNs as the targets of its match.",
            "The exception 'a' has no list of policies in its match.",
            "The exception 'a' has no list of URNs as the targets of its match.",
        ],
    ),
    (
        {
            "version": 2,
            "exceptions": {
                "a": {
                    "reason": "b",
                    "expires": "2027-01-31",
                    "match": [
                        {"policies": list(POLICIES), "targets": [f"{STACK}::a::b"], "target": "c"}
                    ],
                }
            },
        },
        [
            "The exception 'a': There is no property called 'target'. Did you mean 'targets'? The "
            "CLI ignores it.",
            "The exception 'a': There is no property called 'expires'. The CLI ignores it.",
        ],
    ),
]


@pytest.mark.parametrize(("config", "expected"), WRONG, ids=range(len(WRONG)))
def test_wrong_files(tmp_path: Path, config: Any, expected: list[str]) -> None:
    assert faults(tmp_path, config) == expected


def test_the_settings_of_environments_are_not_checked(tmp_path: Path) -> None:
    config = saved(tmp_path / "config.json", {"environments": ["policies/table-encryption"]})
    assert check(config).notes == ["The settings of ESC environments are not checked."]


def test_the_exit_code_and_the_lines(tmp_path: Path) -> None:
    config = saved(tmp_path / "config.json", {"all": "advisory"})
    result = run("check", config)
    assert (result.exit_code, result.output) == (0, f"{config} is correct.")
    saved(config, {"version": 2, "all\n\x1b[31m": "advisory"})
    result = run("check", config)
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.splitlines() == [
        "Error: There is no property called 'all\ufffd\ufffd[31m'. The CLI ignores it. Write the "
        "entries of the policies under policies.",
        f"Note: {VERSION_2_NOTE}",
    ]


LEFT = f"{STACK}::{TABLE}::left"


def excepting(*policies: str, **entries: Any) -> dict[str, Any]:
    match = [{"policies": list(policies), "targets": [f"{STACK}::{TABLE}::a"]}]
    whole = [{"policies": list(POLICIES), "targets": [LEFT]}]
    exceptions = {name: {"reason": "moved", "match": match} for name in ("EXC-1", "EXC-2")}
    exceptions["EXC-3"] = {"reason": "moved", "match": whole}
    return {"version": 2, "policies": entries, "exceptions": exceptions}


@pytest.mark.parametrize(
    ("config", "notes"),
    [
        (excepting(*POLICIES), []),
        (
            excepting(DECLARED),
            [
                f"No exception for '{STACK}::{TABLE}::a' names {UNDETERMINED} or {DEPLOYED}, which "
                "can still report the table. Name each policy."
            ],
        ),
        # A disabled policy reports nothing.
        (excepting(DECLARED, DEPLOYED, **{UNDETERMINED: "disabled"}), []),
        (
            excepting(*POLICIES, **{DECLARED: "remediate"}),
            [
                f"{DECLARED} has the level remediate, which also changes a table that has an "
                "exception. To leave the table as it is, write an exemption."
            ],
        ),
        (excepting(*POLICIES, **{DEPLOYED: "remediate"}), []),
    ],
)
def test_what_exceptions_do_not_do(tmp_path: Path, config: Any, notes: list[str]) -> None:
    report = check(saved(tmp_path / "config.json", config))
    assert report.faults == []
    assert report.notes == [VERSION_2_NOTE, *notes, ENABLE_NOTE]


def test_the_entries_of_several_exceptions_are_one(tmp_path: Path) -> None:
    config = excepting(DECLARED)
    config["exceptions"]["EXC-2"]["match"] = [
        {"policies": [DEPLOYED, UNDETERMINED], "targets": [f"{STACK}::{TABLE}::a"]}
    ]
    assert check(saved(tmp_path / "c.json", config)).notes == [VERSION_2_NOTE, ENABLE_NOTE]


@pytest.mark.parametrize(("days", "noted"), [(0, True), (14, True), (15, False)])
def test_an_exemption_that_ends_soon(tmp_path: Path, days: int, noted: bool) -> None:
    end = today() + timedelta(days)
    report = check(saved(tmp_path / "config.json", exempting(table="a", expires=str(end))))
    assert report.faults == []
    note = f"The exemption for table 'a' expires at the end of {end} (UTC)."
    assert report.notes == ([note] if noted else [])
    assert report.coverage == [
        "The exemption for table 'a' covers the table 'a' in any stack of any project, until "
        f"{end} (UTC)."
    ]


@pytest.mark.parametrize(
    ("exemption", "words"),
    [
        ({"table": "legacy-*"}, "each table that matches 'legacy-*' in any stack of any project"),
        (
            {"urn": f"{STACK}::*"},
            "any table in the stack 'production' of the project 'shop'",
        ),
        (
            {"urn": f"urn:pulumi:prod*::*::{TABLE}::a", "table": "b"},
            f"the table 'b' of the resource 'a' with the type '{TABLE}' in each stack that "
            "matches 'prod*' of any project",
        ),
    ],
)
def test_an_exemption_in_words(tmp_path: Path, exemption: dict[str, str], words: str) -> None:
    config = saved(tmp_path / "config.json", exempting(**exemption))
    (sentence,) = check(config).coverage
    assert sentence.endswith(f" covers {words}, without an expiry date.")


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (ACCOUNT, f"any key of the account '{ACCOUNT}', and"),
        (
            KEY_ARN,
            f"the key '{KEY_ID}' in the Region 'eu-west-1' of the account '{ACCOUNT}', but not",
        ),
        (
            "arn:aws:kms:*:*:alias/aws/dynamodb",
            "the alias 'alias/aws/dynamodb' in any Region of any account, and",
        ),
        (
            "arn:aws:kms:eu-*:*:alias/aws/*",
            "each alias that matches 'alias/aws/*' in each Region that matches 'eu-*' of any "
            "account, and",
        ),
        (
            "arn:aws:kms:eu-west-1:*:alias/*",
            "any alias in the Region 'eu-west-1' of any account, but not",
        ),
        (
            f"arn:*:kms:*:{ACCOUNT}:key/*",
            f"any customer managed key in any Region of the account '{ACCOUNT}', but not",
        ),
        (
            f"arn:aws:kms:*:{ACCOUNT}:*-orders",
            "each key or alias that matches '*-orders' in any Region of the account "
            f"'{ACCOUNT}', but not",
        ),
    ],
)
def test_an_allowed_key_in_words(entry: str, words: str) -> None:
    start = f"The entry '{entry}' of allowedKmsKeys accepts"
    assert entry_in_words(entry) == f"{start} {words} the AWS managed key."
    keys = words.rpartition(", ")[0]
    assert entry_in_words(entry, customer_managed_only=True) == (
        f"{start} {keys}, while requireCustomerManagedKey rejects the AWS managed key."
    )


TEMPLATE = json.dumps(
    {
        "Parameters": {"Own": {"Type": "String"}},
        "Conditions": {"Two": {"Fn::Equals": [{"Fn::ImportValue": "x"}, "y"]}},
        "Resources": {
            "Orders": {"Type": "AWS::DynamoDB::Table", "Properties": {}},
            "Maybe": {
                "Type": "AWS::DynamoDB::Table",
                "Properties": {
                    "SSESpecification": {
                        "SSEEnabled": True,
                        "KMSMasterKeyId": {"Fn::If": ["Two", KEY_ARN, key_arn(key_id="mrk-2")]},
                    }
                },
            },
        },
    }
)
SECRET = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    "plaintext": json.dumps(KEY_ARN),
}
HIDDEN_SECRET = {**SECRET, "plaintext": None, "ciphertext": "AAAA"}
STATE = state(
    resource("shop-production", "pulumi:pulumi:Stack"),
    resource("legacy-a", inputs={}, outputs={"serverSideEncryption": None, "hashKey": "id"}),
    resource("plain", inputs=encrypted(KEY_ARN), outputs=encrypted(KEY_ARN)),
    resource("secret", inputs=encrypted(alias_arn("alias/x")), outputs={
        "serverSideEncryption": {"enabled": True, "kmsKeyArn": SECRET}}),
    resource("hidden", inputs={}, outputs={
        "serverSideEncryption": {"enabled": True, "kmsKeyArn": HIDDEN_SECRET}}),
    resource("managed", inputs=encrypted(), outputs={
        **encrypted(), "arn": f"arn:aws:dynamodb:eu-west-1:{OTHER_ACCOUNT}:table/managed"}),
    resource("stack", "aws:cloudformation/stack:Stack", inputs={"templateBody": TEMPLATE}),
    resource("old", delete=True, inputs=encrypted(KEY_ARN), outputs=encrypted(KEY_ARN)),
    resource("bucket", "aws:s3/bucket:Bucket"),
)  # fmt: skip


def urns(*names: str, kind: str = TABLE) -> list[str]:
    return [f"  {STACK}::{kind}::{name}" for name in names]


def test_the_tables_of_a_state(tmp_path: Path) -> None:
    config = for_all_policies(
        exemptions=[
            {"table": "legacy-*", "reason": "a"},
            {"table": "Orders", "reason": "a"},
            {"urn": f"{STACK}::*::stack", "reason": "a"},
            {"table": "gone", "reason": "in another stack"},
        ],
        allowedKmsKeys=[KEY_ARN, OTHER_ACCOUNT, alias_arn("alias/y")],
    )
    files = [
        saved(tmp_path / "config.json", config),
        saved(tmp_path / "state.json", STATE),
        saved(tmp_path / "empty.json", state()),
    ]
    strict = saved(
        tmp_path / "strict.json", for_all_policies(**STRICT, allowedKmsKeys=[OTHER_ACCOUNT])
    )
    assert check(strict, files[1:]).coverage[1:] == ["In the states, it accepts a key of no table."]
    report = check(files[0], files[1:])
    assert report.faults == report.notes == []
    stack = "aws:cloudformation/stack:Stack"
    (maybe,) = urns("stack (table 'Maybe')", kind=stack)
    (orders,) = urns("stack (table 'Orders')", kind=stack)
    assert [line for line in report.coverage if not line.startswith("The ")] == [
        "In the states, it covers 1 table:",
        *urns("legacy-a"),
        "In the states, it covers 1 table:",
        orders,
        "In the states, it covers 2 tables:",
        maybe,
        orders,
        "In the states, it covers no table.",
        "In the states, it accepts a key of 3 tables:",
        maybe,
        *urns("plain", "secret"),
        "In the states, it accepts a key of 1 table:",
        *urns("managed"),
        "In the states, it accepts a key of no table.",
        "Only AWS knows whether it accepts a key of 3 tables:",
        maybe,
        *urns("plain", "secret"),
    ]


def test_an_exemption_that_covers_no_table_of_its_stack(tmp_path: Path) -> None:
    config = saved(tmp_path / "config.json", exempting(urn=f"{STACK}::*::gone"))
    other = saved(tmp_path / "other.json", state(resource("a", urn="urn:pulumi:dev::b::c::d")))
    assert check(config, [other]).faults == []
    own = saved(tmp_path / "own.json", STATE)
    (fault,) = check(config, [other, own]).faults
    assert fault == (
        f"The exemption for urn '{STACK}::*::gone' names the stack of {own} and covers none of "
        "its tables. Remove it, or correct its pattern, which must match the whole name or URN."
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "The state is not JSON: Expecting value (line 1, column 1)."),
        ("{}", "The state has no deployment. Write it with `pulumi stack export --file FILE`."),
        ({"version": 3, "checkpoint": []}, "The deployment in the state is a list "),
        (state(resource("a"), {"urn": "a"}), "Resource 2 of the state has no valid URN or type"),
        (state(resource("a", urn="urn:pulumi:a::b::c")), "Resource 1 of the state has no valid "),
        (state(resource("a", outputs=[1])), "The state of 'a' is damaged: outputs is a list "),
        (state(resource("a", parent=1)), "The state of 'a' is damaged: parent is a number "),
        ('{"a":' * 100_000, "The state is not JSON that the CLI can read"),
    ],
)
def test_a_broken_state(tmp_path: Path, content: Any, message: str) -> None:
    config = saved(tmp_path / "config.json", {})
    result = run("check", config, "--state", saved(tmp_path / "state.json", content))
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"state.json: {message}" in result.stderr


NAMES = st.sampled_from([
    "all", *POLICIES, TYPO, "enforcementLevel", "requireCustomerManagedKey", "allowedKmsKeys",
    "exemptions", "table", "urn", "reason", "expires", "version", "policies", "exceptions",
    "match", "targets", "environments",
])  # fmt: skip
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["advisory", "disabled", KEY_ARN, ACCOUNT, f"{STACK}::*", "2027-01-31"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(config=JSON)
def test_any_json_has_an_answer(folder: Path, config: Any) -> None:
    file = saved(folder / "config.json", json.dumps(config))
    assert run("check", file).exit_code in (0, 1, 2)
    assert run("write", file, "--output", folder / "written.json").exit_code in (0, 2)


@given(content=st.binary() | st.text(alphabet='{}[]":,a1\\u').map(str.encode))
def test_any_bytes_have_an_answer(folder: Path, content: bytes) -> None:
    file = folder / "bytes.json"
    file.write_bytes(content)
    config = saved(folder / "config.json", {})
    for arguments in (("check", file), ("write", file), ("check", config, "--state", file)):
        assert run(*arguments, *(["--check"] if "write" in arguments else [])).exit_code in (
            1,
            2,
            0,
        )


PROPERTIES = st.dictionaries(
    st.sampled_from(["serverSideEncryption", "replicas", "templateBody", "region"]),
    values(st.sampled_from(["enabled", "kmsKeyArn", "Resources", "regionName"]), TEMPLATE),
)
RESOURCES = st.fixed_dictionaries(
    {
        "type": st.sampled_from([TABLE, "aws:cloudformation/stack:Stack", "pulumi:providers:aws"]),
        "urn": st.sampled_from([f"{STACK}::{TABLE}::a", f"{STACK}::x::\x1b[31mb\n::c", "a"]),
    },
    optional={
        "inputs": PROPERTIES,
        "outputs": PROPERTIES | st.none(),
        "parent": st.sampled_from([f"{STACK}::{TABLE}::a", ""]),
        "provider": st.sampled_from([f"{STACK}::{TABLE}::a::id", "b"]),
        "delete": st.booleans(),
    },
)


@given(resources=st.lists(RESOURCES | JSON, max_size=3))
def test_any_state_has_an_answer(folder: Path, resources: list[Any]) -> None:
    config = for_all_policies(exemptions=[{"table": "a*", "reason": "a"}], allowedKmsKeys=[KEY_ARN])
    file = saved(folder / "state.json", state(*resources))
    result = run("check", saved(folder / "config.json", config), "--state", file)
    assert result.exit_code in (0, 2)
