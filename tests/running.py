"""A demo that runs by itself, as `make demo` starts it: for the pictures of the docs and the figures of the page."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

REPOSITORY = Path(__file__).resolve().parents[1]
READY_WITHIN = 600  # seconds: the demo tells three years
OURS = ("DJANGO_SETTINGS_MODULE", "DATABASE_URL", "REDIS_URL", "DEBUG")  # of who starts it, not of the demo


def sign_in(page: Page, url: str, mail: str, password: str) -> None:
    """Sign in and wait for the desk."""
    page.goto(f"{url}/accounts/sign-in/")
    page.get_by_label("Work e-mail").fill(mail)
    page.locator("input[name=password]").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator("#queue").wait_for()


@contextmanager
def demo() -> Iterator[tuple[str, dict[str, Any]]]:
    """A demo that runs, with its samples and passwords: the one of DESK_URL, else one of its own under var/running."""
    env = {name: value for name, value in os.environ.items() if name not in OURS}
    if url := env.get("DESK_URL"):
        yield url.rstrip("/"), _samples(env)
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        env |= {"PORT": str(free.getsockname()[1]), "VAR_DIR": str(REPOSITORY / "var" / "running")}
    url = f"http://127.0.0.1:{env['PORT']}"
    with subprocess.Popen([sys.executable, "-m", "contactcenter.serve"], cwd=REPOSITORY, env=env) as house:
        try:
            _wait_for(url, house)
            yield url, _samples(env)
        finally:
            house.terminate()


def _samples(env: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "manage.py", "demo", "--json"]
    told = subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, check=True, text=True)
    facts = json.loads(told.stdout)
    return facts["samples"] | {"passwords": {one["email"]: one["password"] for one in facts["logins"]}}


def _wait_for(url: str, house: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        if house.poll() is not None:
            raise SystemExit("The demo ended before it was ready.")
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2):  # noqa: S310
                return
        except OSError:
            time.sleep(1)
    raise SystemExit(f"The demo was not ready after {READY_WITHIN} seconds.")
