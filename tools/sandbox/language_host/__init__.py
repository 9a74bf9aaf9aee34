"""The stand-in `pulumi-language-python`, which is used only if there is no real one.

It runs Python programs and Python policy packs, and installs a pack's dependencies with pip into
the virtualenv that the pack's PulumiPolicy.yaml names.

Left out: the update of pip itself before an installation, other toolchains (poetry, uv), plugins
other than packs, debuggers, detection of the provider plugins that a program needs, templates of
`pulumi new`, and code generation.

Source: sdk/python/cmd/pulumi-language-python/main.go of pulumi/pulumi.
"""
