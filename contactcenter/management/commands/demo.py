"""`manage.py demo`: two brands with people, customers, points, tickets and promises, to look around in."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from contactcenter import clock, demo
from contactcenter.demo import summary
from contactcenter.errors import Refused


class Command(BaseCommand):
    help = "Loads the demo data (repeatable; on a later day what is here moves along) and prints logins and samples."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
        parser.add_argument(
            "--yes",
            action="store_true",
            help="also in production, and beside customers that are not the demo's",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.HTTPS and not options["yes"]:
            raise CommandError(
                "This is a production desk: say --yes to load invented customers into it.", returncode=2
            )
        try:
            if not demo.load(clock.now(), among_others=options["yes"]) and (
                words := demo.move_along(clock.now())
            ):
                self.stderr.write(words)
        except Refused as refusal:
            raise CommandError(refusal.sentence) from None
        found = summary.of_demo()
        self.stdout.write(
            json.dumps(found, ensure_ascii=False) if options["json"] else summary.as_text(found)
        )
