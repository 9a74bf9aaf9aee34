"""From the states of Pulumi stacks to the findings about their tables."""
