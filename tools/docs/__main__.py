"""Write all generated pages: `python -m tools.docs`."""

from __future__ import annotations

from tools.docs import audit, policies, policy_results, routes, spellings, stacks

for module in (routes, spellings):
    module.PAGE.write_text(module.page(), encoding="utf-8")
for writer in (policies, audit, stacks, policy_results):
    writer.write()
