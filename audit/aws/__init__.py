"""Read the tables of AWS accounts from AWS."""
