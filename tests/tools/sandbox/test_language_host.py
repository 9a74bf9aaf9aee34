"""The language host with the real engine. A real host passes these tests as well."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from tests.project import Project
from tools.sandbox import Sandbox
from tools.sandbox.language_host.policy_proxy import PolicyProxy

PACK = """
import os, sys
import pulumi_policy as policy

def check(args, report):
    stack = os.environ.get("PULUMI_STACK")
    report(f"prefix={sys.prefix} path={'PYTHONPATH' in os.environ} stack={stack}")
    report(f"first={os.environ['PATH'].split(os.pathsep)[0]} env={os.environ['VIRTUAL_ENV']}")

policy.PolicyPack("tiny", [policy.ResourceValidationPolicy("prefix", "Prefix.", check)],
                  policy.EnforcementLevel.ADVISORY)
"""

SETTINGS = """
import os, sys
import pulumi
import pulumi_policy as policy

def check(args, report):
    names = f"{pulumi.get_organization()} {pulumi.get_project()} {pulumi.get_stack()}"
    size = pulumi.Config("project").get("size")
    report(f"{names} {size!r} {pulumi.runtime.is_dry_run()} {os.getcwd()} pack")

policy.PolicyPack("tiny", [policy.ResourceValidationPolicy("settings", "Settings.", check)],
                  policy.EnforcementLevel.ADVISORY)
"""


@pytest.fixture
def tiny_pack(tmp_path: Path) -> Path:
    pack = tmp_path / "tiny"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text(
        "version: 0.0.1\nruntime:\n  name: python\n  options:\n"
        "    toolchain: pip\n    virtualenv: env\n"
    )
    (pack / "__main__.py").write_text(PACK)
    return pack


def test_the_error_for_a_missing_virtualenv_names_its_interpreter(
    project: Project, tiny_pack: Path
) -> None:
    project.write("aws.sqs.Queue('queue')")
    result = project.sandbox.pulumi("preview", "--policy-pack", str(tiny_pack), cwd=project.folder)
    assert result.exit_code != 0
    assert (
        "error: policy pack not started: policy pack failed to start: "
        f"fork/exec {tiny_pack / 'env/bin/python'}: no such file or directory\n"
    ) in f"{result.output}\n"
    assert "Traceback" not in result.output


def test_install_creates_the_virtualenv(sandbox: Sandbox, tiny_pack: Path) -> None:
    # Without packages, the test needs no network.
    (tiny_pack / "requirements.txt").write_text("--no-index\n")
    result = sandbox.pulumi("install", cwd=tiny_pack)
    assert result.exit_code == 0, result.output
    assert (tiny_pack / "env" / "bin" / "python").exists()
    lines = result.output.splitlines()
    assert "Creating virtual environment..." in lines
    assert "Finished installing dependencies" in lines

    (tiny_pack / "requirements.txt").write_text("--no-index\nno-such-package-here\n")
    failed = sandbox.pulumi("install", cwd=tiny_pack)
    assert failed.exit_code != 0
    assert "installing dependencies via " in failed.output
    assert "No matching distribution found for no-such-package-here" in failed.output


def test_a_pack_runs_in_its_virtualenv_and_ends(project: Project, tiny_pack: Path) -> None:
    # The environment of the tests has the packages that a pack needs.
    (tiny_pack / "env").symlink_to(sys.prefix)
    project.write("aws.sqs.Queue('queue')\nprint('printed by the program')")
    result = project.check("preview", "--policy-pack", str(tiny_pack))
    assert f"prefix={tiny_pack / 'env'} path=False" in result.output
    # The engine's PATH replaces the one with the virtualenv's folder.
    engine = project.sandbox.engine.pulumi.parent
    assert f"first={engine} env={tiny_pack / 'env'}" in result.output
    assert "printed by the program" in result.output
    assert not running(str(tiny_pack))


def test_a_pack_knows_its_stack_and_whether_it_is_a_preview(
    project: Project, tiny_pack: Path
) -> None:
    (tiny_pack / "env").symlink_to(sys.prefix)
    (tiny_pack / "__main__.py").write_text(SETTINGS)
    project.check("config", "set", "size", "7")
    project.write("aws.sqs.Queue('queue')")
    pack = ("--policy-pack", str(tiny_pack))
    preview = project.check("preview", *pack)
    assert "organization project dev '7' True " in preview.output
    assert f"{tiny_pack} pack" in preview.output
    update = project.check("up", "--yes", "--skip-preview", *pack)
    assert "organization project dev '7' False " in update.output
    # Both run in one command, each with a process of its own.
    both = project.check("up", "--yes", *pack)
    assert "True" in both.output
    assert "False" in both.output
    # `policy analyze` has a stack, but configures no pack with it.
    (tiny_pack / "__main__.py").write_text(PACK)
    assert "stack=None" in project.check("policy", "analyze", *pack).output


def test_a_pack_that_does_not_start(project: Project, tiny_pack: Path) -> None:
    (tiny_pack / "env").symlink_to(sys.prefix)
    (tiny_pack / "__main__.py").write_text("raise ImportError('broken')")
    project.write("aws.sqs.Queue('queue')")
    result = project.run("preview", "--policy-pack", str(tiny_pack))
    assert result.exit_code != 0
    # The engine may end before it shows the error of its call, which the next test checks.
    assert "ImportError: broken" in result.output


def test_a_pack_without_a_stack_starts_with_the_first_call() -> None:
    """Publishing a pack calls no ConfigureStack."""
    proxy = PolicyProxy()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{proxy.port}") as channel:
            pack = analyzer_pb2_grpc.AnalyzerStub(channel)
            pack.Handshake(analyzer_pb2.AnalyzerHandshakeRequest())
            info = pack.GetAnalyzerInfo.future(empty_pb2.Empty())
            assert proxy.environment() == {}
            output = iter([("stderr", b"broken"), ("stdout", b"no port")])
            assert list(proxy.attach(output)) == [("stderr", b"broken")]
            with pytest.raises(grpc.RpcError, match="could not read policy pack port"):
                info.result(timeout=10)
    finally:
        proxy.stop()


def test_a_pack_that_can_not_be_started_fails_the_calls_that_wait_for_it() -> None:
    proxy = PolicyProxy()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{proxy.port}") as channel:
            pack = analyzer_pb2_grpc.AnalyzerStub(channel)
            pack.ConfigureStack(analyzer_pb2.AnalyzerStackConfigureRequest(stack="dev"))
            info = pack.GetAnalyzerInfo.future(empty_pb2.Empty())
            proxy.abort("fork/exec venv/bin/python: no such file or directory")
            proxy.abort("another reason")
            words = "policy pack not started: policy pack failed to start: fork/exec venv/bin/py"
            with pytest.raises(grpc.RpcError, match=words):
                info.result(timeout=10)
    finally:
        proxy.stop()


class Echo(analyzer_pb2_grpc.AnalyzerServicer):
    """A pack whose answer is as long as the request."""

    def AnalyzeStack(self, request: Any, context: Any) -> Any:  # noqa: ARG002, D102, N802
        urn = request.resources[0].urn
        return analyzer_pb2.AnalyzeResponse(diagnostics=[analyzer_pb2.AnalyzeDiagnostic(urn=urn)])


def test_a_pack_receives_up_to_400_mb_and_answers_with_up_to_4_mb() -> None:
    limit = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    server = grpc.server(futures.ThreadPoolExecutor(), options=limit)
    add: Any = analyzer_pb2_grpc.add_AnalyzerServicer_to_server
    add(Echo(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    proxy = PolicyProxy()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{proxy.port}", options=limit) as channel:
            pack = analyzer_pb2_grpc.AnalyzerStub(channel)
            pack.ConfigureStack(analyzer_pb2.AnalyzerStackConfigureRequest(stack="dev"))
            assert list(proxy.attach(iter([("stdout", f"{port}\n".encode())]))) == []

            def analyze(length: int) -> Any:
                resource = analyzer_pb2.AnalyzerResource(urn="u" * length)
                return pack.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=[resource]))

            assert len(analyze((4 << 20) - 100).diagnostics[0].urn) == (4 << 20) - 100
            with pytest.raises(grpc.RpcError) as error:
                analyze(5 << 20)
            assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
            assert "4194304" in (error.value.details() or "")
    finally:
        proxy.stop()
        server.stop(grace=None)


def test_a_program_can_fail_and_have_a_virtualenv(project: Project) -> None:
    project.write("raise SystemExit(3)")
    result = project.sandbox.pulumi("preview", cwd=project.folder)
    assert result.exit_code != 0
    project.write("oops")
    result = project.sandbox.pulumi("preview", cwd=project.folder)
    assert "NameError: name 'oops' is not defined" in result.output
    (project.folder / "Pulumi.yaml").write_text(
        "name: project\nruntime:\n  name: python\n  options:\n    virtualenv: none\n"
    )
    result = project.sandbox.pulumi("preview", cwd=project.folder)
    assert f'"none", but "{project.folder / "none"}" doesn\'t exist; run the' in result.output


def test_a_killed_engine_leaves_no_process(project: Project, tiny_pack: Path) -> None:
    (tiny_pack / "env").symlink_to(sys.prefix)
    project.write("import time\ntime.sleep(60)")
    result = project.sandbox.pulumi(
        "preview", "--policy-pack", str(tiny_pack), cwd=project.folder, timeout=4
    )
    assert result.exit_code == -9
    deadline = time.monotonic() + 10
    while running(str(tiny_pack.parent)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not running(str(tiny_pack.parent))


def running(word: str) -> list[str]:
    """Return the command lines that contain a word, except for the account's server."""
    ps = subprocess.run(["/bin/ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return [line for line in ps.stdout.splitlines() if word in line and "server" not in line]
