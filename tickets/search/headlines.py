"""Where the words stand: the subject and a piece of a message, marked; everything else in them is escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import or_
from typing import Any

from django.contrib.postgres.search import SearchHeadline, SearchVector
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Left
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from tickets.models import Message, Ticket
from tickets.search.filters import Reader
from tickets.search.looking import by_language, meant
from tickets.search.words import Word

BEGIN, END = "\ue000", "\ue001"  # private signs: PostgreSQL marks with them, and we after escaping
MARKED = re.compile(f"{BEGIN}(.*?){END}", re.DOTALL)
READ = 4000  # signs of a message
MESSAGES = 20  # the last ones of a ticket and of each that went into it
PIECE = {"start_sel": BEGIN, "stop_sel": END, "max_words": 12, "min_words": 6, "short_word": 0}


def headlines(
    ids: Sequence[int], words: Sequence[Word], reader: Reader
) -> dict[int, tuple[SafeString, SafeString]]:
    """(subject, piece of the last message that holds one of the words) by ticket, safe to print; "" for no piece."""
    found: dict[int, tuple[SafeString, SafeString]] = {}
    for language, brands in by_language(reader):
        query = meant(words, language, or_)
        whole = Ticket.objects.filter(
            Q(pk=OuterRef(OuterRef("pk"))) | Q(merged_into=OuterRef(OuterRef("pk")))
        )
        said: Any = Message.objects.filter(
            ticket__in=whole.values("pk"), seq__gt=F("ticket__message_seq") - MESSAGES
        )
        said = said.annotate(beginning=Left("text", READ))
        said = said.alias(vector=SearchVector("beginning", config=language)).filter(vector=query)
        piece = SearchHeadline("beginning", query, config=language, **PIECE)  # type: ignore[arg-type]
        rows: Any = Ticket.objects.filter(pk__in=ids, brand__in=brands).values_list(
            "pk",
            SearchHeadline(
                F("subject"), query, config=language, start_sel=BEGIN, stop_sel=END, highlight_all=True
            ),
            Subquery(said.order_by("-created_at", "-pk").values_list(piece)[:1]),
        )
        found |= {pk: (marked(subject), marked(text or "")) for pk, subject, text in rows}
    return found


def marked(text: str) -> SafeString:
    """HTML in which what PostgreSQL found is marked and all that somebody wrote is escaped."""
    html = MARKED.sub(r"<mark>\1</mark>", escape(" ".join(text.split())))
    return mark_safe(html.replace(BEGIN, "").replace(END, ""))  # noqa: S308 - escaped above
