"""What the pack costs beside a pack that does nothing, on the same SDK, in the same run."""
