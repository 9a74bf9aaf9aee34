"""The workshop: what builds, tests, measures and documents the pack. None of it is published."""
