"""Each stand-in names the source that it follows."""

from __future__ import annotations

from tools import CHECKOUT

SANDBOX = CHECKOUT / "tools/sandbox"
# Modules that start processes, keep data, or serve what other modules define.
HELPERS = {
    "account/__init__.py", "account/gateway.py", "account/server.py", "cloud/cipher.py",
    "cloud/process.py", "cloud/server.py", "cloud/store.py", "cloud/user.py",
    "cloud_control/__init__.py", "provider/anything.py", "provider/aws.py", "provider/echo.py",
    "provider/kms.py", "provider/main.py", "provider/package.py", "provider/types.py",
}  # fmt: skip


def test_each_stand_in_names_its_source() -> None:
    modules = {
        file.relative_to(SANDBOX).as_posix(): file.read_text("utf-8")
        for file in SANDBOX.glob("*/*.py")
    }
    without = {name for name, text in modules.items() if "Source:" not in text}
    assert len(modules) > len(HELPERS)
    assert without == HELPERS
