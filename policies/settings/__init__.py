"""What a user can set: the schema, and how a policy's configuration is read and checked.

The schema is its own module because the engine reads it whenever the pack starts, also for
stacks without tables.
"""
