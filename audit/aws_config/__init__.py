"""Read the tables of many accounts from an aggregator of AWS Config."""
