"""Every job of the clock once, in its order, as of one instant: for tests, scripts and a look ahead."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from contactcenter import clock
from contactcenter.celery import app


class Command(BaseCommand):
    help = "Runs every beat job once, as of now or of --at, and prints how much each found to do."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--at", metavar="INSTANT", help="an ISO 8601 instant; without a zone it is read as UTC"
        )
        parser.add_argument("--json", action="store_true", help="print one line of JSON")
        parser.add_argument("--yes", action="store_true", help="also in production")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.HTTPS and not options["yes"]:
            raise CommandError(
                "This is a production desk: say --yes to move its clock by hand.", returncode=2
            )
        at = _instant(options["at"])
        app.loader.import_default_modules()
        done = {name: app.tasks[job["task"]](at=at) for name, job in app.conf.beat_schedule.items()}
        if options["json"]:
            self.stdout.write(json.dumps({"at": at.isoformat(), "done": done}))
            return
        for name, count in done.items():
            self.stdout.write(f"{name}: {count}")


def _instant(text: str | None) -> datetime:
    if not text:
        return clock.now()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(
            f"{text} is not an instant such as 2026-11-24T09:00+01:00.", returncode=2
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
