"""Every sentence is complete: it names the table, its fault, what that means, and the way out."""

from __future__ import annotations

from datetime import date

import pytest

from policies.encryption import (
    Alternatives,
    Compliant,
    Declared,
    Encryption,
    Exemption,
    Hidden,
    Opaque,
    Settings,
    Table,
    Undetermined,
    Unknown,
    Unreadable,
    UrnPattern,
    Verdict,
    Violation,
    Why,
    Wording,
)
from policies.reporting import sentences
from policies.routes import aws_native, cloudformation_types, pulumi_aws, terraform

DEFAULT = Settings()
CUSTOMER_ONLY = Settings(require_customer_managed_key=True)
TABLE = Table("orders", Encryption(), pulumi_aws.WORDING)
WORDINGS = {
    "pulumi-aws": pulumi_aws.WORDING,
    "aws-native": aws_native.TABLE_WORDING,
    "aws-native global": aws_native.GLOBAL_TABLE_WORDING,
    "cloudformation": cloudformation_types.TABLE_WORDING,
    "cloudformation global": cloudformation_types.GLOBAL_TABLE_WORDING,
    "bridge": terraform.WORDINGS[terraform.BRIDGED],
    "module": terraform.WORDINGS[terraform.MODULE],
}
NO_KMS = (Why.NOT_DECLARED, Why.NOT_ENABLED, Why.DISABLED)
OF_TABLES = [why for why in Why if why not in (Why.UNREADABLE, Why.WRONG_SETTINGS)]


@pytest.mark.parametrize("wording", WORDINGS.values(), ids=WORDINGS.keys())
@pytest.mark.parametrize("why", OF_TABLES, ids=[why.name for why in OF_TABLES])
@pytest.mark.parametrize("sentence", [sentences.declared, sentences.deployed])
@pytest.mark.parametrize("settings", [DEFAULT, CUSTOMER_ONLY], ids=["default", "customer"])
@pytest.mark.parametrize("of_replica", [False, True], ids=["table", "replica"])
def test_a_sentence_is_complete(
    why: Why,
    sentence: sentences.Sentence,
    wording: Wording,
    settings: Settings,
    of_replica: bool,
) -> None:
    if why in (Why.NOT_SSE_KMS, Why.MALFORMED_SSE_TYPE) and not wording.sse_type:
        return  # The type has no such property.
    table = Table("orders", Encryption(), wording, origin="restoreSourceName")
    nearest = ("alias/one", "alias/other")
    violation = Violation(why, table, "a list", of_replica, "eu-west-1", nearest=nearest)
    said = sentence(table, violation, settings)
    assert said is not None
    fault, remedy = said.split("\n")
    assert fault.startswith("DynamoDB table 'orders' ")
    assert fault.endswith(".")
    assert "  " not in said
    assert ".." not in said
    assert len(said) < 660
    if why is Why.KEY_NOT_ALLOWED:
        place = wording.replica_key if of_replica else wording.key
        assert f"Give {place} a key that allowedKmsKeys has, such as 'alias/one' or" in remedy
    elif why is Why.MALFORMED_REPLICAS:
        assert wording.replicas in remedy
    elif of_replica:
        kind = "customer managed" if settings.require_customer_managed_key else "symmetric KMS"
        assert f"Give {wording.replica_key} the ARN of a {kind} key of that replica's" in remedy
        assert ("leave the replica's key out" in remedy) is (settings is DEFAULT)
    elif settings.require_customer_managed_key:
        assert f"`{wording.remedy_with_key}`" in remedy
        assert "AWS managed key" not in remedy
    elif why is Why.DISABLED_WITH_KEY:
        assert f"Set {wording.enabled} to true to use the key" in remedy
    else:
        assert f"`{wording.remedy}`" in remedy or f"Give {wording.key_name} the ARN" in remedy
        assert "AWS managed key aws/dynamodb" in remedy


@pytest.mark.parametrize(
    ("why", "sentence"),
    [
        *((why, sentences.declared) for why in (*NO_KMS, Why.DISABLED_WITH_KEY)),
        *((why, sentences.deployed) for why in NO_KMS),
    ],
)
def test_the_usual_argument_is_answered(why: Why, sentence: sentences.Sentence) -> None:
    said = sentence(TABLE, Violation(why, TABLE), DEFAULT) or ""
    assert "AWS owned key, which nobody in your account can see, audit, restrict or revoke" in said


def test_a_switch_that_is_off_beside_a_key_may_be_a_key_that_is_being_changed() -> None:
    said = sentences.deployed(TABLE, Violation(Why.DISABLED_WITH_KEY, TABLE), DEFAULT)
    assert said == (
        "DynamoDB table 'orders' is deployed with serverSideEncryption.enabled false beside "
        "serverSideEncryption.kmsKeyArn, so nothing shows that a KMS key encrypts it.\nSet "
        "serverSideEncryption.enabled to true to use the key that serverSideEncryption.kmsKeyArn "
        "names. Then run `pulumi up`: AWS changes the key in place and the table stays available. "
        "Where the program says so already, the key was being changed when the state was "
        "recorded: run `pulumi refresh` and check again."
    )
    # A template is declared, not recorded.
    table = Table("Orders", Encryption(), cloudformation_types.TABLE_WORDING, within="infra")
    said = sentences.deployed(table, Violation(Why.DISABLED_WITH_KEY, table), DEFAULT) or ""
    assert "is deployed without KMS encryption" in said
    assert "refresh" not in said


def test_the_key_of_a_replica_is_not_changed_in_place() -> None:
    violation = Violation(Why.NOT_A_KMS_KEY, TABLE, "an ARN of another service (s3)", True)
    said = sentences.deployed(TABLE, violation, DEFAULT) or ""
    assert said.endswith(
        "Give replicas[].kmsKeyArn the ARN of a symmetric KMS key of that replica's Region. Where "
        "the table names no customer managed key either, leave the replica's key out to use the "
        "AWS managed key aws/dynamodb. Then run `pulumi up`: the replica is made anew with that "
        "key, and the table stays available in its other Regions."
    )


@pytest.mark.parametrize("sentence", [sentences.declared, sentences.deployed])
@pytest.mark.parametrize("why", [Why.NOT_DECLARED, Why.UNREADABLE])
def test_an_exemption_that_has_ended_is_told(sentence: sentences.Sentence, why: Why) -> None:
    exemption = Exemption("legacy", table="orders", expires=date(2026, 11, 23), ended=True)
    for ended, told in ((exemption, True), (None, False)):
        table = TABLE if why is Why.NOT_DECLARED else None
        violation = Violation(why, table, "it is no YAML", ended=ended)
        fault, remedy = (sentence(TABLE, violation, DEFAULT) or "").split("\n")
        assert fault.endswith(" Its exemption ended with 2026-11-23 (UTC).") is told
        assert remedy


def test_an_exempt_table_is_told_with_reason_and_date() -> None:
    until = Exemption("gone\nsoon", table="orders", expires=date(2027, 1, 31))
    assert sentences.exempt(TABLE, until) == (
        "DynamoDB table 'orders' is exempt until 2027-01-31 (UTC): gone\ufffdsoon"
    )
    opaque = Opaque("infra", Hidden((), "it is behind a URL"))
    assert sentences.exempt(opaque, Exemption("x" * 1000, urn=UrnPattern("urn:*"))) == (
        f"The DynamoDB tables of 'infra' is exempt: {'x' * 399}…".replace(" is ", " are ")
    )


def test_an_exemption_that_covers_nothing_is_told_by_its_patterns() -> None:
    said = sentences.unused(Exemption("it", table="a-*", urn=UrnPattern("urn:*::a-*")))
    assert said.startswith(
        "The exemption of table 'a-*' and urn 'urn:*::a-*' covers no DynamoDB table of this "
        "stack.\nRemove it from the setting exemptions, or correct its pattern"
    )


def test_a_few_wrong_settings_are_told_and_the_others_counted() -> None:
    faults = [f"fault {n}" for n in range(7)]
    said = sentences.wrong_settings(Settings(faults=faults))
    assert said.startswith(
        "The settings of this policy are wrong, and no DynamoDB table is accepted under wrong "
        "settings: fault 0; fault 1; fault 2; fault 3; fault 4; and 2 more.\nCorrect its "
    )


def test_a_replica_is_named_with_its_region() -> None:
    violation = Violation(Why.AWS_MANAGED_KEY, TABLE, "", of_replica=True, region="eu-west-1")
    assert sentences.declared(TABLE, violation, CUSTOMER_ONLY) == (
        "DynamoDB table 'orders' has a replica in eu-west-1 with no customer managed key in "
        "replicas[].kmsKeyArn, and the AWS managed key aws/dynamodb is not enough here.\nGive "
        "replicas[].kmsKeyArn the ARN of a customer managed key of that replica's Region."
    )


def test_a_replica_of_its_own_is_called_so() -> None:
    table = Table("copy", None, pulumi_aws.REPLICA_WORDING)
    violation = Violation(Why.AWS_MANAGED_KEY, table, "", of_replica=True, region="eu-west-1")
    assert sentences.declared(table, violation, CUSTOMER_ONLY) == (
        "DynamoDB table replica 'copy' has no customer managed key in kmsKeyArn, and the AWS "
        "managed key aws/dynamodb is not enough here.\nGive kmsKeyArn the ARN of a customer "
        "managed key of that replica's Region."
    )


def test_a_table_of_a_template_is_named_with_what_holds_the_template() -> None:
    table = Table("Orders", Encryption(), cloudformation_types.TABLE_WORDING, within="infra")
    said = sentences.declared(table, Violation(Why.NOT_DECLARED, table), DEFAULT) or ""
    assert said.startswith("DynamoDB table 'Orders' in the template of 'infra' declares no ")
    assert "Write `SSESpecification: { SSEEnabled: true }` to use" in said


def test_a_declaration_that_can_not_be_read_is_told_so() -> None:
    declaration = Unreadable("infra", "its template is neither JSON nor YAML")
    violation = Violation(Why.UNREADABLE, None, declaration.fault)
    for sentence in (sentences.declared, sentences.deployed):
        assert sentence(declaration, violation, DEFAULT) == (
            "'infra' can't be read, so nothing shows that KMS keys encrypt its DynamoDB tables: "
            "its template is neither JSON nor YAML.\nCorrect that, or take the tables out of it."
        )


def test_what_is_hidden_is_told_by_its_own_sentence_alone() -> None:
    hidden = Hidden(("serverSideEncryption", "enabled"), "it is a secret")
    look = (
        "Look at it in AWS: `aws dynamodb describe-table` shows the SSEType KMS of a table that a "
        "KMS key encrypts, and no SSEDescription where an AWS owned key does."
    )
    cases: list[tuple[Declared, str]] = [
        (
            TABLE,
            "Whether KMS keys encrypt DynamoDB table 'orders' can't be read from "
            "serverSideEncryption.enabled: it is a secret.",
        ),
        (
            Alternatives((TABLE,), hidden),
            "Whether KMS keys encrypt DynamoDB table 'orders' can't be read from "
            "serverSideEncryption.enabled: it is a secret.",
        ),
        (
            Opaque("infra", hidden),
            "Whether KMS keys encrypt the DynamoDB tables of 'infra' can't be read from "
            "serverSideEncryption.enabled: it is a secret.",
        ),
    ]
    for declaration, told in cases:
        assert (
            sentences.undetermined(declaration, Undetermined(hidden), DEFAULT) == f"{told}\n{look}"
        )
        assert sentences.declared(declaration, Undetermined(hidden), DEFAULT) is None
        assert sentences.deployed(declaration, Undetermined(hidden), DEFAULT) is None


def test_what_is_not_known_yet_is_told_of_tables_that_exist_alone() -> None:
    verdict = Undetermined(Unknown((), "marker"))
    assert sentences.undetermined(TABLE, verdict, DEFAULT) == (
        "Whether KMS keys encrypt DynamoDB table 'orders' is not known before the update.\nRun "
        "`pulumi up`: it knows, and rejects an AWS owned key."
    )
    planned = Table("orders", Encryption(), pulumi_aws.WORDING, not_created_yet=True)
    assert sentences.undetermined(planned, verdict, DEFAULT) is None


@pytest.mark.parametrize("verdict", [Compliant(), Undetermined(Unknown((), "marker"))])
def test_there_is_nothing_to_reject_in_other_verdicts(verdict: Verdict) -> None:
    for sentence in (sentences.declared, sentences.deployed):
        assert sentence(TABLE, verdict, DEFAULT) is None
    assert sentences.undetermined(TABLE, Compliant(), DEFAULT) is None
    assert sentences.undetermined(TABLE, Violation(Why.DISABLED, TABLE), DEFAULT) is None
