"""A pretend Pulumi Cloud: a process on this machine that serves the real `pulumi`.

    with Cloud.start(tmp_path / "cloud") as cloud:
        cloud.invite("ana", "acme", role="admin")
        ana = User(tmp_path / "ana", cloud, "ana", account=account)
        ana.pulumi("policy", "publish", "acme", cwd=pack, timeout=300)

It supports what the CLI (3.250 to 3.274) uses for login, stacks, previews and updates, policy
packs, policy groups, policy exceptions, and the packs that a stack requires. Any other request is
refused and recorded (`Cloud.unknown`). The data is in a folder, as readable JSON, and survives a
restart.

Left out, in addition to what the modules list: teams, roles other than admin and member,
deployments, schedules, webhooks, search, the registry, Insights (accounts, scans), audits of
deployed resources, ESC environments, Neo, usage and billing, rate limits, and the console's views
of violations (the events of an update are kept, see `Cloud.events`).

Source: Pulumi 3.274.1, pkg/backend/httpstate (requests and responses of the CLI) and
sdk/go/common/apitype (their shapes); Pulumi's documentation, "Policy groups" and "Policies FAQ"
(which packs a stack requires).
"""

from __future__ import annotations

from tools.sandbox.cloud.process import Cloud, Request
from tools.sandbox.cloud.user import User

__all__ = ["Cloud", "Request", "User"]
