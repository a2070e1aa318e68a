"""The browser of the browser tests. `python -m tests.chromium` gets one where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NONE_TO_BE_HAD = (
    "No Chromium for the browser tests: install the package chromium, or name a browser with "
    "CHROMIUM=/path/to/chrome, or connect to the network and run `.venv/bin/playwright install chromium`."
)


def find() -> str:
    """The path of a Chromium that starts, or "" where there is none outside of Playwright's own folder."""
    if named := os.environ.get("CHROMIUM"):
        return named
    return next((path for name in NAMES if (path := shutil.which(name)) and _starts(path)), "")


def main() -> None:
    """See to it that there is a browser: on the machine, from its packages, or from Playwright."""
    if named := os.environ.get("CHROMIUM"):
        if not _starts(named):
            raise SystemExit(f"CHROMIUM={named} does not start: name a Chromium or Chrome that does.")
        return
    if find() or _playwrights_own() or _from_packages() or _from_playwright():
        return
    raise SystemExit(NONE_TO_BE_HAD)


def _starts(path: str) -> bool:
    """Whether it is a browser, and not a note that one could be installed some other way."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _playwrights_own() -> bool:
    """Whether Playwright's own browser is there and starts."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return Path(path).exists() and _starts(path)


def _from_packages() -> bool:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    _say("Installing the package chromium; this happens once.")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in ("update -qq", "install -qq -y --no-install-recommends chromium"):
        subprocess.run(["apt-get", *words.split()], env=environment, stdout=subprocess.DEVNULL, check=False)
    return bool(find())


def _from_playwright() -> bool:
    _say("Downloading Playwright's Chromium; this happens once.")
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    return _playwrights_own()


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
