"""Components: each is used by pages of the desk, and none is called for a row of a list."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

TEMPLATES = Path(settings.BASE_DIR) / "templates"
CALL = re.compile(r"<c-([a-z]+)[ >]")
ROWS = (
    "_rows",
    "_event",
    "_message",
    "_moments",
    "_promises",
    "_search_rows",
    "_found",
    "_told",
    "_timeline",
)


def test_every_component_stands_on_more_than_its_own_page() -> None:
    used: set[str] = set()
    for path in TEMPLATES.rglob("*.html"):
        if path.parent.name != "cotton" and path.name != "components.html":
            used |= set(CALL.findall(path.read_text()))
    made = {path.stem for path in (TEMPLATES / "cotton").glob("*.html")}
    assert used - {"slot", "vars"} == made


def test_what_is_written_for_every_row_calls_none() -> None:
    for name in ROWS:
        assert not CALL.findall((TEMPLATES / "desk" / f"{name}.html").read_text()), name
