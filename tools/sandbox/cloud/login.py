"""Login: the user who has a token, the user's organizations, and the service's capabilities.

Left out: the creation of tokens and login with a browser (`Cloud.invite` returns a token), tokens
of organizations and teams, OIDC, and the check for a newer CLI.

Source: Pulumi, pkg/backend/httpstate/client/client.go, GetPulumiAccountDetails, GetDefaultOrg and
GetCapabilities.
"""

from __future__ import annotations

from flask import Blueprint

from tools.sandbox.cloud.api import organizations, user
from tools.sandbox.cloud.store import Json

routes = Blueprint("login", __name__)


@routes.get("/api/user")
def get_user() -> Json:
    """Return the user who has the token."""
    name = user()
    return {
        "id": name,
        "githubLogin": name,
        "name": name,
        "email": f"{name}@example.com",
        "avatarUrl": "",
        "organizations": [
            {"githubLogin": organization, "name": organization, "avatarUrl": ""}
            for organization in organizations(name)
        ],
        "identities": [],
    }


@routes.get("/api/user/organizations/default")
def get_default_organization() -> Json:
    """Return the first organization that the user was invited to, or the user's own."""
    name = user()
    invited = [organization for organization in organizations(name) if organization != name]
    return {"GitHubLogin": invited[0] if invited else name}


@routes.get("/api/capabilities")
def get_capabilities() -> Json:
    """Return what the CLI may use in addition to the oldest service that it supports.

    The list leaves out checkpoints as differences, so each checkpoint is complete; the journal,
    which the start of an update would grant; and schemas of deployments above 3. This request needs
    no token.

    Source: Pulumi, sdk/go/common/apitype/service.go.
    """
    return {
        "capabilities": [
            {"capability": "batch-encrypt"},
            {"capability": "stack-policy-packs", "version": 1},
        ]
    }
