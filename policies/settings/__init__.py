"""What a user may set about the rule: the schema, and how a configuration is read.

The two are modules of their own, since the engine reads the schema of every pack, also where there
is no table to read a configuration for.
"""
