"""`manage.py table_names`: the catalogues of what tables and columns are called, brought up to the models."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand

from contactcenter.table_names import CONTEXT, NAMES

ABOUT = (
    "# What tables and columns of Loyalty Desk are called; written by manage.py table_names, words by hand."
)
NEVER = datetime(2026, 1, 1, tzinfo=UTC)  # so that a catalogue changes with its words alone


class Command(BaseCommand):
    help = "Adds new names to locale/tables, drops those that are gone, compiles, and says how many wait for words."

    def handle(self, *args: Any, **options: Any) -> None:
        for code, _name in settings.LANGUAGES:
            if code != settings.LANGUAGE_CODE:
                waiting = _bring_up(Path(settings.LOCALE_PATHS[1], code, "LC_MESSAGES", "django.po"), code)
                self.stdout.write(f"{code}: {len(NAMES)} names, {waiting} of them without words")


def _bring_up(path: Path, code: str) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    known = read_po(path.open("rb"), locale=code) if path.exists() else Catalog(locale=code)
    catalogue = Catalog(
        code, header_comment=ABOUT, charset="utf-8", creation_date=NEVER, revision_date=NEVER, fuzzy=False
    )
    for name in sorted(NAMES):
        before = known.get(name, CONTEXT)
        catalogue.add(name, before.string if before else "", context=CONTEXT)
    with path.open("wb") as file:
        write_po(file, catalogue, width=0)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)
    return sum(not one.string for one in catalogue if one.id)
