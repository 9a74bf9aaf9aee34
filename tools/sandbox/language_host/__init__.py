"""The stand-in ``pulumi-language-python``, used only where there is no real one.

It runs Python programs and Python policy packs, and installs a pack's dependencies with pip, into
the virtualenv that its PulumiPolicy.yaml names. Left out: the update of pip itself that the real
host begins with, other toolchains (poetry, uv), plugins other than packs, debuggers, finding out
which provider plugins a program needs (the sandbox has just one), `pulumi new`'s templates, code
generation.
"""
