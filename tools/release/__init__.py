"""Checks on a version before it is published: `make release-check`."""
