"""Tickets and messages by the million: rows streamed by COPY, their words by one statement, their indexes last.

Triggers, keys to other tables and indexes stand still meanwhile: a million tickets would otherwise be looked at one by
one. What the triggers of search would have written is written for all rows at once, as keys and indexes are.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from agents.models import Agent, Brand
from contactcenter import clock
from customers.models import Customer
from tickets.models import Queue, Ticket

# Of a brand its id, its queues, its customers with their first address, and who works for it.
OfBrand = tuple[int, list[int], list[tuple[int, str, int]], list[int]]
TABLES = ("tickets_ticket", "tickets_message", "tickets_ticketwords")
FIRST_NUMBER = 1_000_000
MESSAGES = 3  # of each ticket: asked, answered, asked again
SUBJECTS = ("Parcel never came", "Wrong size, can I exchange it?", "Points of my last order are missing",
            "How do I change my address?", "The lamp arrived broken", "Refund for order A-20931")  # fmt: skip
WORDS, SENTENCES, WORDS_OF_ONE = 50_000, 20_000, 14
LETTERS = str.maketrans("0123456789abcdef", "klmnopqrtuvzaeio")
TICKET = ("id", "brand_id", "number", "queue_id", "customer_id", "subject", "channel", "status", "priority",
          "assignee_id", "opened_at", "resolved_at", "due_at", "due_since", "last_message_at", "last_words",
          "last_was_inbound", "message_seq", "key")  # fmt: skip
MESSAGE = ("ticket_id", "seq", "kind", "channel", "author_id", "sender", "recipient_id", "text", "html", "message_id",
           "in_reply_to", "key", "created_at", "state", "attempts", "last_error")  # fmt: skip
FILL_WORDS = """
INSERT INTO tickets_ticketwords (ticket_id, brand_id, part, words)
SELECT t.id, t.brand_id, 0, setweight(to_tsvector('english', t.subject), 'A') || to_tsvector('english', m.text)
FROM tickets_ticket t, LATERAL (
    SELECT string_agg(text, ' ' ORDER BY seq) AS text FROM tickets_message WHERE ticket_id = t.id
) m
WHERE t.id BETWEEN %s AND %s
"""
KEYS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = ANY (%s::regclass[]) AND contype = 'f'
"""
INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
WHERE i.indrelid = ANY (%s::regclass[]) AND NOT i.indisunique
    AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""


def word(number: int) -> str:
    """The n-th most common word of what people write here."""
    return f"wo{number:x}".translate(LETTERS)


def write(count: int) -> None:
    """Add tickets until there are `count` of them, each with three messages."""
    there = Ticket.objects.count()
    if count <= there:
        return
    last = Ticket.objects.order_by("-id").values_list("id", flat=True)[0]
    ids = range(last + 1, last + 1 + count - there)
    brands = _brands()  # before COPY has the connection
    with _standing_still():
        _copy("tickets_ticket", TICKET, _tickets(ids, brands))
        _copy("tickets_message", MESSAGE, _messages(ids, brands))
        with connection.cursor() as cursor:
            # Words are read by the ticket of a message: its own key, which is unique, is still there.
            cursor.execute("ANALYZE tickets_ticket, tickets_message")
            cursor.execute(FILL_WORDS, [ids[0], ids[-1]])
            cursor.execute("SELECT setval(pg_get_serial_sequence('tickets_ticket', 'id'), %s)", [ids[-1]])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE tickets_ticket, tickets_message, tickets_ticketwords")


@contextmanager
def _standing_still() -> Iterator[None]:
    """Inside, no trigger of ours runs, and the keys to other tables and the indexes that hold nothing are gone."""
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET LOCAL maintenance_work_mem = '1GB'")
        cursor.execute(INDEXES, [list(TABLES)])
        indexes = cursor.fetchall()
        cursor.execute(KEYS, [list(TABLES)])
        keys = cursor.fetchall()
        for table, name, _definition in keys:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for _name, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in keys:  # asked of all rows at once
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _tickets(ids: range, brands: list[OfBrand]) -> Iterator[tuple[Any, ...]]:
    """Half of each brand; a fifth open, as in a house of some years; the newest opened last."""
    now = clock.now().replace(microsecond=0)
    for n in ids:
        brand, queues, customers, agents = brands[n % len(brands)]
        opened = now - timedelta(seconds=60 * (ids[-1] - n) % (700 * 86_400))
        is_open, waits = n % 5 == 0, n % 4 > 0
        status = ("open" if waits else "pending") if is_open else "resolved"
        due = now + timedelta(minutes=n * 31 % 9000 - 120) if is_open and waits else None
        yield (
            n, brand, FIRST_NUMBER + n, queues[n % len(queues)], customers[n * 7919 % len(customers)][0],
            SUBJECTS[n % len(SUBJECTS)], "mail", status, 2, agents[n % len(agents)] if n % 6 else None, opened,
            None if is_open else opened + timedelta(days=1), due, opened if due else None, opened,
            "It should have been here on Monday, and nobody can tell me where it is", waits, MESSAGES, f"more:{n}",
        )  # fmt: skip


def _messages(ids: range, brands: list[OfBrand]) -> Iterator[tuple[Any, ...]]:
    """Asked, answered by mail, asked again; the first word of the first is of this ticket alone."""
    chance = random.Random(1)  # noqa: S311 - a spread, no secret
    sentences = [_sentence(chance) for _ in range(SENTENCES)]
    sent = clock.now()
    for n in ids:
        _brand, _queues, customers, agents = brands[n % len(brands)]
        _customer, address, point = customers[n * 7919 % len(customers)]
        for seq in range(1, MESSAGES + 1):
            text = sentences[int(chance.random() * SENTENCES)]
            ours = seq == 2
            yield (
                n, seq, "outbound" if ours else "inbound", "mail", agents[n % len(agents)] if ours else None,
                "" if ours else address, point if ours else None, text if seq > 1 else f"unik{n} {text}", "", "", "",
                f"more:{n}:{seq}", sent, "done", 0, "",
            )  # fmt: skip


def _sentence(chance: random.Random) -> str:
    """Words as people use them: the n-th most common one with a share of 1/n."""
    return " ".join(word(int(WORDS ** chance.random())) for _ in range(WORDS_OF_ONE))


def _brands() -> list[OfBrand]:
    found = []
    for brand in Brand.objects.order_by("id"):
        customers = Customer.objects.filter(
            brand=brand, contact_points__kind="mail", contact_points__removed_at=None
        )
        addresses = customers.values_list("id", "contact_points__value", "contact_points__id")
        found.append((
            brand.pk,
            list(Queue.objects.filter(brand=brand).values_list("id", flat=True)),
            list(addresses.order_by("id", "contact_points__id").distinct("id")),
            list(Agent.objects.serving(brand).order_by("id").values_list("id", flat=True)),
        ))  # fmt: skip
    return found
