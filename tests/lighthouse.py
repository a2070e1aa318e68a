"""Lighthouse on a page that runs: where Node is there; nothing is sent home and no browser is fetched."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urljoin

from playwright.sync_api import Playwright

from tests import chromium
from tests.ports import free_port

REPOSITORY = Path(__file__).resolve().parents[1]
PROGRAM = REPOSITORY / "node_modules" / "lighthouse" / "cli" / "index.js"
SECONDS = 180


def is_there() -> bool:
    """Whether Lighthouse can be run, after it was installed from the lock where only that was missing."""
    if not shutil.which("node"):
        return False
    if not PROGRAM.exists() and shutil.which("npm"):
        quiet = ["npm", "ci", "--no-audit", "--no-fund", "--silent"]
        subprocess.run(quiet, cwd=REPOSITORY, env={**os.environ, "PUPPETEER_SKIP_DOWNLOAD": "1"}, check=False)
    return PROGRAM.exists()


def scores(
    url: str, *, playwright: Playwright, session: str, categories: tuple[str, ...]
) -> tuple[dict[str, int], list[str]]:
    """What Lighthouse gives each category of a page, of 100, and the audits that cost something.

    `session` is the cookie of whoever looks at it: it lies in the browser that Lighthouse is led to, for a header
    would go along with the page alone and not with what the page asks for.
    """
    browser, port = chromium.find(), free_port()
    flags = [*chromium.FLAGS, f"--remote-debugging-port={port}"]
    with TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=browser or None, args=flags
        )
        try:
            context.add_cookies([{"name": "sessionid", "value": session, "url": urljoin(url, "/")}])
            return _asked(url, port, categories)
        finally:
            context.close()


def _asked(url: str, port: int, categories: tuple[str, ...]) -> tuple[dict[str, int], list[str]]:
    command = [
        "node", str(PROGRAM), url, "--quiet", "--output=json", "--preset=desktop", "--no-enable-error-reporting",
        f"--only-categories={','.join(categories)}", f"--port={port}", "--disable-storage-reset",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode:
        raise RuntimeError(f"Lighthouse failed: {done.stderr.strip()[-2000:]}")
    told = json.loads(done.stdout)
    given = {name: round((told["categories"][name]["score"] or 0) * 100) for name in categories}
    costs = {
        one["id"]
        for name in categories
        for one in told["categories"][name]["auditRefs"]
        if one["weight"] and (told["audits"][one["id"]]["score"] or 0) < 1
        and told["audits"][one["id"]]["scoreDisplayMode"] not in ("notApplicable", "manual", "informative")
    }  # fmt: skip
    return given, sorted(_why(told["audits"][name]) for name in costs)


def _why(audit: dict[str, Any]) -> str:
    found = (audit.get("details") or {}).get("items", [])
    return f"{audit['id']}: {audit['title']}: {json.dumps(found)[:1500]}"
