"""The private PostgreSQL and Redis under var/."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from contactcenter import embedded


class Command(BaseCommand):
    """`manage.py services start|stop|status`."""

    help = "Starts or stops the private PostgreSQL and Redis, or says where they are."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One word: what to do."""
        parser.add_argument("deed", choices=["start", "stop", "status"])

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it, then show what runs now."""
        try:
            if options["deed"] == "start":
                embedded.up()
            elif options["deed"] == "stop":
                embedded.down()
            state = embedded.status()
        except embedded.EmbeddedError as error:
            raise CommandError(str(error)) from error
        for name, address in state.items():
            self.stdout.write(f"{name}: {address}")
