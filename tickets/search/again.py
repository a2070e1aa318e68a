"""When a brand speaks another language: every word of its tickets is read again."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection, transaction

from agents.models import Brand
from tickets.models import Ticket

BATCH = 500


def read_in(brand: Brand, language: str) -> Iterator[int]:
    """Search the tickets of `brand` in `language` from now on; gives after each batch how many were read again.

    New words are read in it at once. A batch holds its tickets' locks, so that nobody adds to one meanwhile; whoever
    searches before the last batch may miss what was not read again yet.
    """
    brand.search_language = language
    brand.save(update_fields=["search_language"])
    last = done = 0
    while True:
        with transaction.atomic():
            rows = Ticket.objects.filter(brand=brand, pk__gt=last).order_by("pk")
            ids = list(rows.select_for_update(no_key=True).values_list("pk", flat=True)[:BATCH])
            if not ids:
                return
            with connection.cursor() as cursor:
                cursor.execute("SELECT tickets_words_again(id) FROM unnest(%s::bigint[]) id", [ids])
        last, done = ids[-1], done + len(ids)
        yield done
