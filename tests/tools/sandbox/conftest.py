"""Collect the comparison with Pulumi's Go sources only where they are."""

from tests.tools.sandbox.go_sources import SOURCES

collect_ignore = [] if SOURCES else ["test_sources.py"]
