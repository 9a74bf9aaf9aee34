"""Read Pulumi stacks: from the CLI and its backends to the findings about tables in states."""
