"""Write all generated pages: `python -m tools.docs`."""

from __future__ import annotations

from tools.docs import policies, routes

routes.PAGE.write_text(routes.page(), encoding="utf-8")
policies.write()
