"""Read the states of Pulumi stacks."""
