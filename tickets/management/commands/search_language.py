"""`manage.py search_language FF german`: the tickets of a brand are searched in another language."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agents.models import SEARCH_LANGUAGES, Brand
from tickets.search.again import read_in


class Command(BaseCommand):
    help = (
        "Search the tickets of a brand in another language; every one of them is read again, 500 at a time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("brand", help="its code: FF")
        parser.add_argument("language", choices=SEARCH_LANGUAGES)

    def handle(self, *_args: Any, **options: Any) -> None:
        brand = Brand.objects.filter(code=options["brand"]).first()
        if brand is None:
            raise CommandError(f"There is no brand {options['brand']}.")
        done = 0
        for done in read_in(brand, options["language"]):
            if not done % 50_000:
                self.stdout.write(f"{done} tickets")
        self.stdout.write(f"{done} tickets of {brand.code} are searched in {brand.search_language}.")
