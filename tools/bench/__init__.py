"""Benchmarks: what the pack costs, compared with a pack that does nothing."""
