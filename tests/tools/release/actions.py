"""The actions of GitHub that the examples use."""

from __future__ import annotations

# The inputs of each action at the version in the examples. Source: action.yml of each repository at
# pulumi/actions deb0aa33, actions/checkout f548e57e, actions/setup-python 5fda3b95, and
# aws-actions/configure-aws-credentials bcd40890. Of actions/upload-artifact and upload-sarif, only
# older versions could be read (upload-sarif: github/codeql-action 03e7845b).
INPUTS = {
    "actions/checkout@v7": {
        "allow-unsafe-pr-checkout", "clean", "fetch-depth", "fetch-tags", "filter",
        "github-server-url", "lfs", "path", "persist-credentials", "ref", "repository",
        "set-safe-directory", "show-progress", "sparse-checkout", "sparse-checkout-cone-mode",
        "ssh-key", "ssh-known-hosts", "ssh-strict", "ssh-user", "submodules", "token",
    },
    "actions/setup-python@v7": {
        "allow-prereleases", "architecture", "cache", "cache-dependency-path", "check-latest",
        "freethreaded", "pip-version", "python-version", "python-version-file", "token",
        "update-environment",
    },
    "actions/upload-artifact@v7": {"if-no-files-found", "name", "path", "retention-days"},
    "aws-actions/configure-aws-credentials@v6": {
        "allowed-account-ids", "audience", "aws-access-key-id", "aws-profile", "aws-region",
        "aws-secret-access-key", "aws-session-token", "mask-aws-account-id", "role-chaining",
        "role-duration-seconds", "role-external-id", "role-session-name", "role-to-assume",
    },
    "github/codeql-action/upload-sarif@v4": {
        "category", "checkout_path", "ref", "sarif_file", "sha", "token", "wait-for-processing",
    },
    "pulumi/actions@v7": {
        "always-include-summary", "cloud-url", "color", "command", "comment-on-pr",
        "comment-on-pr-number", "comment-on-summary", "config-map", "continue-on-error", "debug",
        "diff", "edit-pr-comment", "exclude", "exclude-dependents", "exclude-protected",
        "expect-no-changes", "github-token", "log-flow", "log-verbosity", "message", "parallel",
        "plan", "policyPackConfigs", "policyPacks", "pulumi-version", "pulumi-version-file",
        "refresh", "remove", "replace", "secrets-provider", "stack-name", "suppress-outputs",
        "suppress-progress", "target", "target-dependents", "upsert", "work-dir",
    },
}  # fmt: skip
