"""One inbound mail from standard input through the whole pipeline, for a mail server to call."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from agents.models import Brand
from tickets.channels.email.receive import Receipt, receive


class Command(BaseCommand):
    help = "Takes in one mail from standard input. Ends with 0 for every outcome, with 2 for wrong usage."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--brand", metavar="CODE", help="whose mail it is; else the recipient's address decides"
        )
        parser.add_argument("--json", action="store_true", help="print what became of it as one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        brand = None
        if code := options["brand"]:
            brand = Brand.objects.filter(code=code.upper()).first()
            if brand is None:
                raise CommandError(f"There is no brand with the code {code}.", returncode=2)
        if sys.stdin.isatty():
            raise CommandError("Give the mail on standard input: receive_mail < message.eml", returncode=2)
        receipt = receive(sys.stdin.buffer.read(settings.MAIL_MAX_BYTES + 1), brand=brand)
        self.stdout.write(json.dumps(_facts(receipt)) if options["json"] else _sentence(receipt))


def _facts(receipt: Receipt) -> dict[str, Any]:
    stored, mail = receipt.stored, receipt.mail
    return {
        "outcome": stored.outcome,
        "ticket": receipt.ticket.reference if receipt.ticket else None,
        "message": stored.message_id,
        "customer": receipt.ticket.customer_id if receipt.ticket else None,
        "subject": mail.subject,
        "sender": mail.sender,
        "text": mail.text,
        "attachments": [{"name": p.name, "size": p.size, "sha256": p.sha256} for p in mail.attachments],
        "reason": stored.reason,
    }


def _sentence(receipt: Receipt) -> str:
    where = f" {receipt.ticket.reference}" if receipt.ticket else ""
    return f"{receipt.stored.outcome}{where} {receipt.stored.reason}".strip()
