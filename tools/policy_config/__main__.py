"""Write or check the configuration of the policies: the code behind `tools/policy-config`."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from policies.encryption.values import one_line
from tools.policy_config.check import check
from tools.policy_config.configuration import LEVELS, faults_of, text_of
from tools.policy_config.exceptions import EXCEPTIONS
from tools.policy_config.files import (
    UnreadableFileError,
    read_object,
    read_text,
    repeats_into,
)

WRONG, UNREADABLE = 1, 2
"""Exit codes. The second one is argparse's for wrong usage, too."""

_LONGEST_LINE = 2_000


def main(argv: Sequence[str]) -> int:
    """Run the command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A file can contain characters that the terminal's encoding does not have.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except UnreadableFileError as error:
        return _refuse([str(error)])


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="tools/policy-config",
        description="Write the policies' configuration from one set of settings, or check it.",
        epilog="Exit codes: 0 for success, 1 if something is wrong, 2 if a file can't be read or "
        "the settings are refused.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    write = commands.add_parser("write", help="write the file of --policy-pack-config")
    write.add_argument("settings", type=Path, help="the settings, each of them once, as JSON")
    write.add_argument(
        "--output",
        type=Path,
        default=Path("policy-config.json"),
        metavar="FILE",
        help="the file to write (default: policy-config.json)",
    )
    write.add_argument(
        "--all",
        choices=LEVELS,
        metavar="LEVEL",
        help=f"the enforcement level of all policies that are not disabled: {', '.join(LEVELS)}",
    )
    write.add_argument(
        "--check", action="store_true", help="write nothing, and report whether FILE is up to date"
    )
    write.set_defaults(run=_write)
    checks = commands.add_parser("check", help="check a file of --policy-pack-config")
    checks.add_argument("config", type=Path, help="the file")
    checks.add_argument(
        "--state",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a file of `pulumi stack export`: list the tables that each pattern covers",
    )
    checks.set_defaults(run=_check)
    return parser


def _write(arguments: Namespace) -> int:
    faults: list[str] = []
    settings = read_object(arguments.settings, repeats_into(faults))
    faults += faults_of(settings)
    if faults:
        return _refuse([*faults, f"{arguments.output} is not written."])
    output: Path = arguments.output
    text = text_of(settings, arguments.all)
    if arguments.check:
        if output.exists() and read_text(output) == text:
            _show(f"{output} is up to date.")
            return 0
        _show(f"{output} is not up to date. Run the command without --check.")
        return WRONG
    try:
        if output.exists() and output.samefile(arguments.settings):
            return _refuse([f"{output} has the settings. Name another file with --output."])
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        return _refuse([f"{output} can't be written: {error.strerror}."])
    _show(f"{output} is written.")
    if EXCEPTIONS in settings:
        for note in check(output).notes:
            _show(f"Note: {note}")
    return 0


def _check(arguments: Namespace) -> int:
    report = check(arguments.config, arguments.state)
    for fault in report.faults:
        _show(f"Error: {fault}")
    for note in report.notes:
        _show(f"Note: {note}")
    if not report.faults:
        _show(f"{arguments.config} is correct.")
    for line in report.coverage:
        _show(line)
    return WRONG if report.faults else 0


def _refuse(messages: Sequence[str]) -> int:
    for message in messages:
        print(one_line(message, _LONGEST_LINE), file=sys.stderr)
    return UNREADABLE


def _show(line: str) -> None:
    print(one_line(line, _LONGEST_LINE))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
