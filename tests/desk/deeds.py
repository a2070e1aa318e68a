"""What an agent sends from the page."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from desk.lists import Shown, shown
from desk.thread import Thread, thread_of
from tickets.models import Ticket

KEY = re.compile(r'name="key" value="([0-9a-f]{32})"')


def post(client: Client, name: str, /, *args: Any, slot: str = "#slot", **fields: Any) -> Any:
    """A deed as htmx sends it, with the slot in which a refusal is to stand."""
    headers = {"HX-Request": "true", "Refusal-Slot": slot}
    return client.post(reverse(f"desk:{name}", args=args), fields, headers=headers)


def say(client: Client, ticket: Ticket, text: str = "It is on its way.", **fields: Any) -> Any:
    fields = {"kind": "reply", "key": "k1", "seen": ticket.message_seq, "then": "stay"} | fields
    return post(client, "say", ticket.reference, text=text, **fields)


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.select_related("brand").get(pk=ticket.pk)


def page_of(ticket: Ticket) -> Shown:
    """The ticket as it is now with all that its page shows of it."""
    row = Ticket.objects.filter(pk=ticket.pk)
    (page,) = shown(row.select_related("brand", "queue", "customer__brand", "customer__account__programme"))
    return page


def thread_now(ticket: Ticket, *, before: int | None = None) -> Thread:
    """The conversation as its page shows it."""
    page = page_of(ticket)
    return thread_of(page.ticket, page.lists, before=before)


def keys_in(answer: Any) -> list[str]:
    """The keys of the forms in an answer."""
    return KEY.findall(answer.content.decode())
