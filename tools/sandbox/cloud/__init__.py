"""A pretend Pulumi Cloud: a process of this machine that speaks to the real ``pulumi``.

::

    with Cloud.start(tmp_path / "cloud") as cloud:
        cloud.invite("ana", "acme", role="admin")
        ana = User(tmp_path / "ana", cloud, "ana", account=account)
        ana.pulumi("policy", "publish", "acme", cwd=pack, timeout=300)

What it speaks is what the CLI (3.250) uses for logging in, stacks, previews and updates, policy
packs, policy groups and the packs that a stack requires. A request that it doesn't know is refused,
named and noted (``Cloud.unknown``). Its data lies in a folder, as JSON that one can read, and is
there again when the Cloud is started anew.

Left out, beside what the modules say: teams, roles finer than admin and member, deployments,
schedules, webhooks, search, the registry, Insights (accounts, scans), audits of what is deployed,
ESC environments, Neo, usage and billing, rate limits, and what the console shows of violations (the
events of an update are kept, see ``Cloud.events``).

Sources: Pulumi 3.250, pkg/backend/httpstate (what the CLI sends and expects) and
sdk/go/common/apitype (the shapes); Pulumi's documentation, "Policy groups" and "Policies FAQ"
(which packs a stack requires).
"""

from __future__ import annotations

from tools.sandbox.cloud.process import Cloud, CloudFailed, Request
from tools.sandbox.cloud.user import User

__all__ = ["Cloud", "CloudFailed", "Request", "User"]
