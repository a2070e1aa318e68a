"""Questions to experts as mails, and by what their answers are known when they come back."""

from __future__ import annotations

import logging
import re
from datetime import datetime, timedelta
from email.utils import formataddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from contactcenter import clock, links
from tickets.channels.email.automatic import LOOP_HEADER
from tickets.channels.email.send import BACK_OFF
from tickets.models import Consult, ConsultWord
from tickets.models.consults import ConsultWordQuerySet

log = logging.getLogger(__name__)
PURPOSE = "consult"
# In small letters and figures only: mail programs do not keep the others apart in an address.
TAGGED = re.compile(r"^[^@]*\+c(\d{1,18})-([0-9a-f]{20})@")
NAMED = re.compile(r"^ldc\.(\d{1,18})-([0-9a-f]{20})\.\d+@")
State = ConsultWord.State


def link_to(consult: Consult) -> str:
    """The address of the page on which the expert answers."""
    word = links.token(PURPOSE, brand=consult.brand_id, subject=consult.pk, until=consult.expires_at)
    return links.url(reverse("consult_page", args=[word]))


def consult_in(recipients: list[str], ids: list[str]) -> int | None:
    """The primary key of the question that a mail answers, by the address it was sent to or the mail it names."""
    for pattern, names in ((TAGGED, recipients), (NAMED, ids)):
        for name in reversed(names):
            found = pattern.match(name.lower())
            if found and constant_time_compare(found[2], _signature(int(found[1]))):
                return int(found[1])
    return None


def send_next_consult(*, at: datetime | None = None) -> bool:
    """Send the next question that is due at `at` (default: now), as `send.send_next` does; False when none is left."""
    at = at or clock.now()
    word = _claim(at)
    if word is None:
        return False
    if word.attempts > settings.MAIL_MAX_ATTEMPTS:
        _failed(word, TimeoutError("no try came to an end"), at)
        return True
    try:
        letter(word).send()
    except Exception as error:
        log.warning("question %s was not sent: %s", word.pk, error)
        _failed(word, error, at)
    else:
        _own_try(word).update(state=State.SENT, sent_at=at, due_at=None, last_error="")
    return True


@transaction.atomic
def _claim(at: datetime) -> ConsultWord | None:
    lease_until = at - timedelta(seconds=settings.MAIL_SEND_LEASE_SECONDS)
    waiting = ConsultWord.objects.to_send(at, lease_until).order_by("due_at", "id")
    rows = waiting.select_related("consult__ticket__brand", "consult__ticket__queue", "author")
    word = rows.select_for_update(skip_locked=True, of=("self",)).first()
    if word is None:
        return None
    word.state, word.due_at = State.SENDING, at
    word.attempts += 1
    word.save(update_fields=["state", "due_at", "attempts"])
    return word


def letter(word: ConsultWord) -> EmailMessage:
    """A question as the mail the expert gets: what they are asked, what they may see, and how to answer."""
    consult, ticket = word.consult, word.consult.ticket
    address, sign = ticket.queue.address, f"{consult.pk}-{_signature(consult.pk)}"
    local, _at, domain = address.rpartition("@")
    asks = word.author.name if word.author else ticket.brand.name
    parts = [
        _("Hello %s,") % consult.expert if consult.expert_name else _("Hello,"),
        _("%(agent)s of %(brand)s asks you:") % {"agent": asks, "brand": ticket.brand.name},
        word.text.strip(),
    ]
    if consult.shown.strip():
        parts.append("\n".join(f"> {line}" for line in consult.shown.strip().splitlines()))
    parts.append(_("Answer this mail, or here without signing in:") + f"\n{link_to(consult)}")
    return EmailMessage(
        subject=_("A question from %(brand)s (%(reference)s)")
        % {"brand": " ".join(ticket.brand.name.split()), "reference": ticket.reference},
        body="\n\n".join(parts) + "\n",
        from_email=formataddr((" ".join((ticket.brand.mail_name or ticket.brand.name).split()), address)),
        to=[consult.expert_address],
        reply_to=[f"{local}+c{sign}@{domain}"],
        headers={"Message-ID": f"<ldc.{sign}.{word.pk}@{domain}>", LOOP_HEADER: "1"},
    )


def _signature(pk: int) -> str:
    return salted_hmac("tickets.consult", str(pk), algorithm="sha256").hexdigest()[:20]


def _own_try(word: ConsultWord) -> ConsultWordQuerySet:
    return ConsultWord.objects.filter(pk=word.pk, state=State.SENDING, attempts=word.attempts)


def _failed(word: ConsultWord, error: Exception, at: datetime) -> None:
    given_up = word.attempts >= settings.MAIL_MAX_ATTEMPTS
    _own_try(word).update(
        state=State.FAILED if given_up else State.QUEUED,
        due_at=None if given_up else at + BACK_OFF * 2 ** (word.attempts - 1),
        last_error=f"{type(error).__name__}: {error}"[:500],
    )
