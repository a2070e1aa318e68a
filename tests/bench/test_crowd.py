"""Tickets that were copied by the million are tickets like others: found, in the queue, and nothing was left off."""

from __future__ import annotations

import pytest
from django.db import connection

from bench import crowd
from bench.data import desk
from tickets.models import Message, Ticket, TicketWords


def made_of() -> list[tuple[str, str, str]]:
    """Every index, key and trigger of the tables, and of the last whether it is on.

    An index that was made again names its casts at other places: they and their brackets are left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            r"SELECT indexname, regexp_replace(indexdef, '[()]|::(text|character varying)(\[\])?', '', 'g'), ''"
            " FROM pg_indexes WHERE tablename = ANY (%(tables)s)"
            " UNION ALL SELECT tgname, tgrelid::regclass::text, tgenabled::text FROM pg_trigger"
            " WHERE NOT tgisinternal AND tgrelid = ANY (%(tables)s::regclass[])"
            " UNION ALL SELECT conname, pg_get_constraintdef(oid), '' FROM pg_constraint"
            " WHERE conrelid = ANY (%(tables)s::regclass[]) ORDER BY 1, 2",
            {"tables": list(crowd.TABLES)},
        )
        return cursor.fetchall()


@pytest.mark.usefixtures("own_db")
def test_tickets_that_were_copied_have_their_words_and_the_tables_are_as_before() -> None:
    desk(customers=20, tickets=20)
    before, there = made_of(), Ticket.objects.count()
    crowd.write(there + 50)
    assert made_of() == before
    copied = Ticket.objects.filter(key__startswith="more:")
    assert copied.count() == 50
    assert copied.filter(is_open=True, turn_at__isnull=False).exists()
    assert Message.objects.filter(ticket__in=copied).count() == 150
    assert not copied.exclude(pk__in=TicketWords.objects.values("ticket")).exists()
    last = copied.latest("id")
    assert TicketWords.objects.get(words=f"unik{last.pk}").ticket_id == last.pk
