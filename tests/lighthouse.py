"""Lighthouse on a page that runs: where Node is there; nothing is sent home and no browser is fetched."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests import chromium

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


def scores(url: str, *, session: str, categories: tuple[str, ...]) -> tuple[dict[str, int], list[str]]:
    """What Lighthouse gives each category of a page, of 100, and the audits that cost something.

    `session` is the cookie of whoever looks at it.
    """
    browser = chromium.find()
    if not browser:
        with sync_playwright() as playwright:
            browser = playwright.chromium.executable_path
    command = [
        "node", str(PROGRAM), url, "--quiet", "--output=json", "--preset=desktop", "--no-enable-error-reporting",
        f"--only-categories={','.join(categories)}", f"--chrome-flags={' '.join(chromium.FLAGS)}",
        f"--extra-headers={json.dumps({'Cookie': f'sessionid={session}'})}",
    ]  # fmt: skip
    environment = {**os.environ, "CHROME_PATH": browser}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
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
    return given, sorted(f"{name}: {told['audits'][name]['title']}" for name in costs)
