"""Read the states of Pulumi stacks, and judge the tables that they record."""
