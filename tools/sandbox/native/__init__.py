"""The stand-in ``pulumi-resource-aws-native``: a few types, as the real provider does them.

The real provider hands the inputs to the Cloud Control API nearly as they are. In a preview it
knows the inputs, and that what is read-only is unknown; what the program leaves out stays absent.
Afterwards the state holds what the API answers, and the inputs once more in ``__inputs``, as a
secret. Source: provider/pkg/provider/provider.go and previewOutputs.go of pulumi-aws-native.

Left out: the check of the inputs against the schema, defaultTags, configured autonaming, and
functions. What reaches the account: see ``tools.sandbox.cloud_control``.
"""
