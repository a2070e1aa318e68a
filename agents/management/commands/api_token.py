"""A token for the API, told once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agents import services
from agents.models import Agent
from agents.scopes import SCOPES
from contactcenter.errors import Refused


class Command(BaseCommand):
    help = "Makes a token for an agent and prints it, this once: only its digest is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="the e-mail address of the agent it acts for")
        parser.add_argument(
            "--scope",
            action="append",
            metavar="SCOPE",
            help=f"may be given several times; left out: all of {', '.join(SCOPES)}",
        )
        parser.add_argument("--days", type=int, help="how long it lives; left out: until it is revoked")
        parser.add_argument("--name", default="command line", help="what it is for")

    def handle(self, *args: Any, **options: Any) -> None:
        agent = Agent.objects.filter(email=options["user"].lower(), is_active=True).first()
        if agent is None:
            raise CommandError(f"No active agent signs in as {options['user']}.", returncode=2)
        scopes = options["scope"] or list(SCOPES)
        try:
            _, secret = services.issue_token(agent, name=options["name"], scopes=scopes, days=options["days"])
        except Refused as refusal:
            raise CommandError(refusal.sentence, returncode=2) from None
        self.stdout.write(secret)
