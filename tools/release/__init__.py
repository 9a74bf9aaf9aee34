"""Whether this checkout may be published under a version: `make release-check`."""
