"""The versions of the Pulumi CLI that the tests run.

To raise the newest, change `NEWEST`, and `GO` to the version in the `go` line of its module; see
"Raise the versions of the CLI" in CONTRIBUTING.md.
"""

NEWEST = "3.274.1"
"""The version that `make` builds."""

GO = "1.26.6"
"""The oldest version of Go that builds it."""

OLDEST = "3.250.0"
"""The oldest version that README names. CI runs the end-to-end tests with it, too."""
