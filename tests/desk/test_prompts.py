"""Prompts of the customer's pane: each is one press into the reply."""

from __future__ import annotations

import re

from django.test import Client

from agents.models import Agent
from callbacks.models import Callback
from tests import make
from tickets.models import Ticket


def test_a_promised_call_is_one_press_into_the_reply_and_one_to_its_page(
    desk: Client, ticket: Ticket, callback: Callback
) -> None:
    page = desk.get(f"/tickets/{ticket.reference}/").text
    (words,) = re.findall(r'data-insert="(We call you [^"]*)"', page)
    assert re.search(r"\d\d:\d\d–\d\d:\d\d in Berlin", words)
    assert f'href="/callbacks/{callback.pk}/"' in page


def test_every_prompt_beside_a_ticket_puts_a_sentence_into_the_reply(
    desk: Client, ticket: Ticket, agent: Agent
) -> None:
    make.give(ticket.customer.account, 100)
    page = desk.get(f"/tickets/{ticket.reference}/").text
    prompts = re.findall(r'<(?:a|p|button[^>]*) class="d-prompt"[^>]*>', page)
    assert prompts
    assert all("data-insert=" in prompt for prompt in prompts)
