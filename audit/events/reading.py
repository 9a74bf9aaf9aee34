r"""Read the events in what the Pulumi CLI writes, line by line.

The CLI writes each event as a JSON object on its own line. Other texts can be around and between
the events, since a pipe or a log mixes what several programs write. `Reader` also accepts an array
of events, an object with a list `events`, as Pulumi Cloud returns it, and any of these with line
breaks, as `jq` writes them. Only a text with line breaks is held in memory as a whole.

Sources: Pulumi, pkg/backend/display/json.go (`ShowJSONEvents`, `ShowPreviewDigest`),
sdk/go/common/apitype/events.go (`EngineEvent`), and sdk/go/common/apitype/updates.go
(`GetUpdateEventsResponse`).
"""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from audit.reports.words import counted
from policies.encryption.values import quoted

KINDS = frozenset({
    "cancelEvent", "diagnosticEvent", "errorEvent", "policyAnalyzeStackSummaryEvent",
    "policyAnalyzeSummaryEvent", "policyEvent", "policyLoadEvent", "policyRemediateSummaryEvent",
    "policyRemediationEvent", "preludeEvent", "progressEvent", "resOpFailedEvent",
    "resOutputsEvent", "resourcePreEvent", "startDebuggingEvent", "stdoutEvent", "summaryEvent",
})  # fmt: skip
"""The kinds of events. An event has its kind as a key."""

_EVERY_EVENT = {"sequence", "timestamp"}
_DIGEST = {"steps", "changeSummary"}
# The first key of the objects that the CLI and Pulumi Cloud write.
_START = re.compile(r'\{\s*"(?:sequence|timestamp)"')
_FRAGMENT = re.compile(r'\{"|"\}|"\s*:|\}\}|^\s*\{')
_SPACE = re.compile(r"\s*")
_NAMED = 10
_decode = json.JSONDecoder().raw_decode

Event = Mapping[str, Any]


class Reader:
    """Reads events, and counts what is not an event.

    Args:
        on_other: called with each text that is not an event.

    Attributes:
        has_digest: whether the output of `pulumi preview --json` without streaming was read.
    """

    def __init__(self, on_other: Callable[[str], None] = lambda _: None) -> None:
        self.has_digest = False
        self._on_other = on_other
        self._unknown: Counter[str] = Counter()
        self._others = 0
        self._cut = 0

    def read(self, stream: io.BufferedReader[Any]) -> Iterator[Event]:
        """Yield the events.

        Args:
            stream: the text, in UTF-8 or, with a byte order mark, in UTF-16, as PowerShell writes
                it.
        """
        mark = stream.peek(2)[:2]
        encoding = "utf-16" if mark in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        # JSON escapes the line breaks in strings, so a line break of any system ends a line.
        for value, text in self._values(io.TextIOWrapper(stream, encoding, errors="replace")):
            yield from self._events(value, text)

    @property
    def problems(self) -> Iterator[str]:
        """What could not be read, as sentences."""
        if self._cut:
            these = "1 line looks" if self._cut == 1 else f"{self._cut:,} lines look"
            yield f"{these} like an event that is cut off, so results can be missing."
        for kind in list(filter(_is_of_policies, self._unknown))[:_NAMED]:
            yield (
                f"{counted(self._unknown[kind], 'event')} of the unknown kind {quoted(kind)} can "
                "contain results. Use a newer version of the audit."
            )

    @property
    def notes(self) -> Iterator[str]:
        """What was ignored and contains no results, as sentences."""
        if self._others:
            yield (
                "1 line that is not an event was ignored."
                if self._others == 1
                else f"{self._others:,} lines that are not events were ignored."
            )
        kinds = [kind for kind in self._unknown if not _is_of_policies(kind)]
        if kinds:
            number = sum(self._unknown[kind] for kind in kinds)
            named = ", ".join(map(quoted, kinds[:_NAMED]))
            more = f", and {len(kinds) - _NAMED:,} more" if len(kinds) > _NAMED else ""
            yield f"Events of unknown kinds were ignored ({number:,}): {named}{more}."

    def _values(self, lines: Iterable[str]) -> Iterator[tuple[Any, str]]:
        """Yield the JSON values in a text, each with its own text."""
        document: list[str] = []
        for line in lines:
            if document and _START.match(line):
                # A new event starts, so the lines before it are not a document.
                yield from self._parsed("".join(document))
                document = []
            if document or line.strip() in ("{", "[", '{"events":[', '{"events": ['):
                document.append(line)
                if line.rstrip() in ("}", "]"):
                    yield from self._parsed("".join(document))
                    document = []
            else:
                yield from self._parsed(line)
        yield from self._parsed("".join(document))

    def _parsed(self, text: str) -> Iterator[tuple[Any, str]]:
        """Yield the JSON objects and arrays in a line or a document, and count other texts."""
        end = 0
        while (position := _skip_space(text, end)) < len(text):
            start = end
            value, end = _value(text, position)
            if value is None:
                # An event can follow on the same line.
                found = _START.search(text, position + 1)
                end = found.start() if found else len(text)
                # A text keeps its indentation.
                self._count(text[start:end])
            else:
                yield value, text[position:end]

    def _events(self, value: Any, text: str) -> Iterator[Event]:
        """Yield the events that a JSON value is or contains."""
        has_others = False
        if isinstance(value, dict) and isinstance(value.get("events"), list):
            value = value["events"]
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, dict):
                has_others = True
            elif not KINDS.isdisjoint(item):
                yield item
            elif "sequence" in item:
                self._unknown.update(item.keys() - _EVERY_EVENT or {""})
                yield item
            elif _DIGEST.isdisjoint(item):
                has_others = True
            else:
                self.has_digest = True
        if has_others:
            self._others += 1
            self._on_other(text)

    def _count(self, text: str) -> None:
        if _FRAGMENT.search(text):
            self._cut += 1
        else:
            self._others += sum(bool(line.strip()) for line in text.split("\n"))
        self._on_other(text)


def _value(text: str, start: int) -> tuple[Any, int]:
    """Return the JSON object or array at a position, and where it ends; None if there is none."""
    if text[start] not in "{[":
        return None, start
    try:
        return _decode(text, start)
    except (ValueError, RecursionError):
        return None, start


def _skip_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _is_of_policies(kind: str) -> bool:
    return "policy" in kind.lower()
