"""The results of all policy packs in the events of a preview, an update, or an analysis."""
