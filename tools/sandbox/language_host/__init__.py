"""The stand-in `pulumi-language-python`, which is used only if there is no real one.

It runs Python programs and Python policy packs, and installs a pack's dependencies with pip into
the virtualenv that the pack's PulumiPolicy.yaml names.

Left out: the update of pip itself before an installation and repeated attempts, other toolchains
(poetry, uv), type checkers, plugins other than packs, packs without a `__main__.py`, debuggers,
detection of the provider plugins that a program needs, templates of `pulumi new`, and code
generation. A project without a virtualenv runs with the sandbox's Python, where the real host looks
for python3 on PATH, and nothing is installed into it.

Source: sdk/python/cmd/pulumi-language-python/main.go of pulumi/pulumi.
"""
