"""Write the configuration of the policies from one set of settings, and check a configuration.

It needs only what the policies need, so that a CI job can use it after `pulumi install`.
"""
