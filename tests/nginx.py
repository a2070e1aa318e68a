"""The proxy of the production tests, and openssl for its certificate. `python -m tests.nginx` gets both."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NONE_TO_BE_HAD = (
    "No nginx or no openssl for the production tests: install the packages nginx-light (or nginx) and openssl, "
    "or name the first with NGINX=/path/to/nginx."
)


def find() -> str:
    """The path of an nginx, or "" where there is none; Debian keeps it where only root's PATH looks."""
    beside = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    return os.environ.get("NGINX") or shutil.which("nginx", path=beside) or ""


def main() -> None:
    """See to it that there is an nginx: on the machine, or from its packages."""
    if not (_complete() or _from_packages()):
        raise SystemExit(NONE_TO_BE_HAD)


def _complete() -> bool:
    return bool(find() and shutil.which("openssl"))


def _from_packages() -> bool:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    sys.stdout.write("Installing the packages nginx-light and openssl; this happens once.\n")
    sys.stdout.flush()
    # At runlevel 1 the package does not start a server of its own on port 80.
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for words in ("update -qq", "install -qq -y --no-install-recommends nginx-light openssl"):
        subprocess.run(["apt-get", *words.split()], env=environment, stdout=subprocess.DEVNULL, check=False)
    return _complete()


if __name__ == "__main__":
    main()
