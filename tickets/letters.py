"""What letters about tickets say, and how they stand in the thread of what the customer wrote."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from contactcenter import links
from customers.letters import KINDS, Kind, Words
from customers.models import Notice
from tickets.acknowledging import TEXTS, addressed, filled, in_words, language_among
from tickets.channels.email import message_ids
from tickets.channels.email.automatic import LOOP_HEADER
from tickets.models import AcknowledgementText, Message, Survey, Ticket
from tickets.services.feedback import CHANGED_FOR, OPEN_FOR

SURVEY = "survey"  # the name of the letter, and what its links are for


def of_acknowledgement(notice: Notice) -> Words:
    """The brand's own words in the customer's language, else the house's; else those in the house's language."""
    ticket, wanted = _ticket(notice), notice.customer.language
    own = dict(AcknowledgementText.objects.filter(brand=notice.brand_id).values_list("language", "text"))
    found = (
        (known, language_among(known, tag))
        for tag in (wanted, settings.LANGUAGE_CODE)
        for known in (own, TEXTS)
    )
    texts, language = next((known, tag) for known, tag in found if tag)
    due, zone = notice.context["due"], ZoneInfo(notice.context["zone"])
    facts = {
        "name": addressed(notice.customer.name),
        "reference": ticket.reference,
        "due": in_words(datetime.fromisoformat(due), zone, at=notice.written_at, language=language)
        if due
        else "",
        "brand": ticket.brand.mail_name or ticket.brand.name,
    }
    return Words(_subject(ticket), filled(texts[language], facts), language=language)


def headers_of_acknowledgement(notice: Notice) -> dict[str, str]:
    """An answer by a machine (RFC 3834), which no other machine should answer, in the thread of the first mail."""
    return headers_in_thread(notice) | {
        "Auto-Submitted": "auto-replied",
        "Precedence": "bulk",
        "X-Auto-Response-Suppress": "All",
    }


def headers_in_thread(notice: Notice) -> dict[str, str]:
    """A name by which an answer to the letter joins the ticket, and the mail of the customer's that it follows."""
    ticket = _ticket(notice)
    name = message_ids.of_letter(ticket, notice.template, ticket.queue.address.rpartition("@")[2])
    headers = {"Message-ID": f"<{name}>", LOOP_HEADER: "1"}
    heard = ticket.messages.filter(kind=Message.Kind.INBOUND).exclude(message_id="").order_by("seq").first()
    if heard and message_ids.is_plain(heard.message_id):
        headers["In-Reply-To"] = headers["References"] = f"<{heard.message_id}>"
    return headers


def queue_of(notice: Notice) -> str:
    """The address of the queue that the ticket waits in."""
    return _ticket(notice).queue.address


def of_survey(notice: Notice) -> dict[str, Any]:
    """A link for each face, made anew each time the letter is read: it stands in no row."""
    survey = Survey.objects.select_related("ticket__brand").get(
        pk=notice.context["survey"], brand=notice.brand_id
    )
    until = (survey.asked_at or notice.written_at) + OPEN_FOR
    word = links.token(SURVEY, brand=survey.brand_id, subject=survey.pk, until=until + CHANGED_FOR)
    page = links.url(reverse("survey_page", args=[word]))
    faces = {score.name.lower(): f"{page}?score={score.value}" for score in Survey.Score}
    return faces | {"reference": survey.ticket.reference}


def _subject(ticket: Ticket) -> str:
    subject = " ".join(ticket.subject.split())[:120] or ticket.brand.name
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


def _ticket(notice: Notice) -> Ticket:
    tickets: Any = Ticket.objects.select_related("brand", "queue")
    ticket: Ticket = tickets.get(pk=notice.context["ticket"], brand=notice.brand_id)
    return ticket


def register() -> None:
    """Make the letters of this room known."""
    KINDS[SURVEY] = Kind(facts=of_survey, sender=queue_of, headers=headers_in_thread)
    KINDS["acknowledgement"] = Kind(
        words=of_acknowledgement, sender=queue_of, headers=headers_of_acknowledgement
    )
