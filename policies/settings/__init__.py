"""What a user can set: the schema, and how a policy's configuration is read and checked.

The schema is a module of its own because the engine reads it whenever the pack starts, also for
stacks without tables.
"""
