"""The stand-in provider `pulumi-resource-aws-native` with a few AWS resource types.

The real provider passes the inputs to the Cloud Control API nearly unchanged. In a preview it knows
the inputs; read-only properties are unknown, and properties that the program leaves out are absent.
The state has the API's answer, and the inputs as a secret in `__inputs`.

Left out: the check of the inputs against the schema, defaultTags, configured autonaming, and
functions. For the types that are created in the pretend account, see
`tools.sandbox.cloud_control`; the others exist only in the state.

Source: provider/pkg/provider/provider.go and previewOutputs.go of pulumi-aws-native.
"""
