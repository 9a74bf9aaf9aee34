"""Logging in: who has this token, in which organizations, and what the service can do.

Left out: making tokens and logging in with a browser (``Cloud.invite`` gives a token), tokens of
organizations and teams, OIDC, the check for a newer CLI.

Source: pkg/backend/httpstate/client/client.go, GetPulumiAccountDetails, GetDefaultOrg and
GetCapabilities.
"""

from __future__ import annotations

from flask import Blueprint

from tools.sandbox.cloud.api import organizations, user
from tools.sandbox.cloud.store import Json

routes = Blueprint("login", __name__)


@routes.get("/api/user")
def get_user() -> Json:
    """Answer who has the token."""
    name = user()
    named = [{"githubLogin": it, "name": it, "avatarUrl": ""} for it in organizations(name)]
    return {
        "id": name,
        "githubLogin": name,
        "name": name,
        "email": f"{name}@example.com",
        "avatarUrl": "",
        "organizations": named,
        "identities": [],
    }


@routes.get("/api/user/organizations/default")
def get_default_organization() -> Json:
    """Answer the first organization that the user was invited to, else the user's own."""
    name = user()
    return {"GitHubLogin": next((it for it in organizations(name) if it != name), name)}


@routes.get("/api/capabilities")
def get_capabilities() -> Json:
    """Answer what the CLI may use beyond the oldest service that it supports.

    Not among it: checkpoints as a difference, so each comes in full; the journal, which the answer
    to the start of an update would grant; a schema of deployments above 3. Nobody needs a token
    for this.

    Source: sdk/go/common/apitype/service.go.
    """
    return {
        "capabilities": [
            {"capability": "batch-encrypt"},
            {"capability": "stack-policy-packs", "version": 1},
        ]
    }
