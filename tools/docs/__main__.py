"""Write all generated pages: `python -m tools.docs`."""

from __future__ import annotations

from tools.docs import audit, policies, routes, spellings

for module in (routes, spellings):
    module.PAGE.write_text(module.page(), encoding="utf-8")
policies.write()
audit.write()
