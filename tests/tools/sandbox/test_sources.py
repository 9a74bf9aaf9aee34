"""The stand-ins compared with Pulumi's Go sources.

These tests are collected only where Go has built the newest CLI, and has its sources. They fail if
a source that a stand-in follows is moved or says something else.
"""

from __future__ import annotations

import math
import re
from itertools import product
from pathlib import Path

import pytest
from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2, language_pb2

from tests.tools.sandbox.go_sources import function, source
from tools import CHECKOUT
from tools.sandbox import plugin_server
from tools.sandbox.language_host import policy_proxy, server
from tools.sandbox.language_host.programs import missing_virtualenv
from tools.sandbox.provider import properties

SANDBOX = CHECKOUT / "tools/sandbox"
PROXY = "sdk/policy_proxy.go"
PIP = "sdk/python/toolchain/pip.go"
# Go's module of the SDK doesn't contain the real language host.
ABSENT = {"sdk/python/cmd/pulumi-language-python/main.go"}
# The updates of pip that the stand-in leaves out.
LEFT_OUT = {"Updating pip, setuptools, and wheel in virtual environment...", "Finished updating"}
# Stand-ins of other projects, whose paths look the same.
OTHERS = ("provider", "native")

_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


def named_sources() -> dict[str, str]:
    """Return the sources of pulumi/pulumi that stand-ins name, with the module that does."""
    named: dict[str, str] = {}
    for file in SANDBOX.rglob("*.py"):
        text = file.read_text("utf-8")
        paths = re.findall(r"\b(?:sdk/go|sdk/python|sdk/policy|pkg/\w+/\w+)[\w/{},.-]*\.go\b", text)
        if file.relative_to(SANDBOX).parts[0] in OTHERS:
            paths = [path for path in paths if path.startswith("sdk/")]
        for path in paths:
            choices = re.split(r"[{}]", path)
            options = [part.split(",") if i % 2 else [part] for i, part in enumerate(choices)]
            named |= {"".join(parts): file.name for parts in product(*options)}
    return named


def words(text: str) -> list[str]:
    """Return the parts of Go's string literals between their placeholders."""
    literals = [literal.replace(r"\n", "\n") for literal in _STRING.findall(text)]
    return [part for literal in literals for part in re.split(r"%\w", literal) if part.strip()]


def standin(module: object) -> str:
    """Return the source of a stand-in's module, with its string literals joined."""
    text = Path(str(module.__file__)).read_text("utf-8")  # type: ignore[attr-defined]
    return re.sub(r'"\s+f?"', "", text)


def test_each_source_that_a_stand_in_names_exists() -> None:
    named = named_sources()
    assert ABSENT | {PROXY, PIP} <= named.keys()
    for path in named.keys() - ABSENT:
        assert source(path)
    for path in ABSENT:
        with pytest.raises(FileNotFoundError):
            source(path)


def test_the_proxy_forwards_the_same_calls() -> None:
    methods = re.findall(
        r"^func \(p \*PolicyProxy\) (\w+)\(\s*ctx\b[^)]*, req ", source(PROXY), re.M
    )
    methods += re.findall(r"^func \(p \*PolicyProxy\) (\w+)\(\n\tctx ", source(PROXY), re.M)
    service = analyzer_pb2.DESCRIPTOR.services_by_name["Analyzer"]
    assert set(methods) == {method.name for method in service.methods}
    answered = {name for name in methods if "p.awaitClient(" not in function(PROXY, name)}
    paths = (policy_proxy.HANDSHAKE, policy_proxy.CONFIGURE_STACK)
    assert answered == {path.rpartition("/")[2] for path in paths}


def test_the_proxy_fails_with_the_same_words() -> None:
    for name in ("awaitClient", "Abort"):
        errors = re.findall(r"fmt\.Errorf\((.*)", function(PROXY, name))
        assert errors
        for part in words("".join(errors)):
            assert part in standin(policy_proxy)
    assert "could not read policy pack port" in function(PROXY, "Attach")
    assert "could not read policy pack port" in standin(policy_proxy)


def test_messages_have_the_same_limits() -> None:
    serve = source("sdk/go/common/util/rpcutil/serve.go")
    (factors,) = re.findall(r"maxRPCMessageSize = ([\d *]+)", serve)
    assert math.prod(map(int, factors.split("*"))) == plugin_server.LARGEST_MESSAGE
    # The proxy raises no limit of what it receives from the pack.
    (options,) = re.findall(r"grpc\.NewClient\((.*?)\)\n", function(PROXY, "Attach"), re.S)
    assert options.count("grpc.") == 1
    assert "grpc.WithTransportCredentials(" in options


@pytest.mark.parametrize("exists", [False, True])
def test_a_missing_virtualenv_has_the_same_message(exists: bool, tmp_path: Path) -> None:
    if exists:
        (tmp_path / "env").mkdir()
    info = language_pb2.ProgramInfo(root_directory=str(tmp_path))
    json_format.ParseDict({"virtualenv": "env"}, info.options)
    text = missing_virtualenv(info)
    assert text is not None
    code = function(PIP, "NewVirtualEnvError")
    other = "doesn't exist" if exists else "doesn't appear to be a virtual environment"
    not_shown = {other, "python", "windows"}
    parts = [part for part in words(code) if part not in not_shown]
    assert len(parts) > 8
    for part in parts:
        assert part in text


def test_an_installation_prints_the_same_words() -> None:
    printed = re.findall(r'printmsg\("(.*)"\)', function(PIP, "InstallDependencies"))
    assert set(printed) > LEFT_OUT
    for message in set(printed) - LEFT_OUT:
        assert message in standin(server)


@pytest.mark.parametrize(
    ("constant", "value"),
    [
        ("UnknownStringValue", properties.UNKNOWN_WIRE),
        ("Key", properties.SIGNATURE_KEY),
        ("Secret", properties.SIGNATURE_OF_SECRETS),
    ],
)
def test_property_values_have_the_same_marks(constant: str, value: str) -> None:
    text = source("sdk/go/common/resource/sig/sig.go")
    assert re.findall(rf'^\t{constant} += "(.*)"$', text, re.M) == [value]
