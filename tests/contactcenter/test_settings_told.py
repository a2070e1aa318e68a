from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def test_every_variable_that_is_read_stands_in_the_docs() -> None:
    told = set(re.findall(r"`([A-Z_]+)`", (REPOSITORY / "docs" / "operations.md").read_text()))
    read: set[str] = set()
    for path in (REPOSITORY / "contactcenter").rglob("*.py"):
        read |= set(re.findall(r'(?:env\.\w+|given|environ\.get)\(\s*"([A-Z_]+)"', path.read_text()))
    assert {"SECRET_KEY", "DATABASE_URL", "EMAIL_URL", "HTTPS", "LIVE_SESSION_SECONDS"} <= read
    assert read - told - {"PATH"} == set()
