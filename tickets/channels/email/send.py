"""Mail out: a queued message is claimed, sent, and its outcome recorded, in three steps."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from email.utils import formataddr

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import transaction

from contactcenter import clock
from tickets import rich
from tickets.channels.email import message_ids
from tickets.channels.email.automatic import LOOP_HEADER
from tickets.channels.email.parts import with_parts
from tickets.models import Message
from tickets.models.messages import MessageQuerySet

log = logging.getLogger(__name__)
BACK_OFF = timedelta(seconds=30)  # doubled at every failed try


def send_next(*, at: datetime | None = None) -> bool:
    """Send the next message that is due at `at` (default: now); False when none is left.

    A worker that dies between claim and outcome leaves the message claimed; after the lease it is sent
    again under the same Message-ID, by which mail programs know the copy.
    """
    message = _claim(at or clock.now())
    if message is None:
        return False
    if message.attempts > settings.MAIL_MAX_ATTEMPTS:
        _failed(message, TimeoutError("no try came to an end"), at or clock.now())
        return True
    try:
        letter(message).send()
    except Exception as error:
        log.warning("message %s was not sent: %s", message.pk, error)
        _failed(message, error, at or clock.now())
    else:
        _sent(message, at or clock.now())
    return True


@transaction.atomic
def _claim(at: datetime) -> Message | None:
    lease_until = at - timedelta(seconds=settings.MAIL_SEND_LEASE_SECONDS)
    waiting = Message.objects.to_send(at, lease_until).order_by("due_at", "id")
    # The recipient is read after the lock: an address corrected between the two would be missing in a join.
    rows = waiting.select_related("ticket__brand", "ticket__queue")
    message = rows.select_for_update(skip_locked=True, of=("self",)).first()
    if message is None:
        return None
    message.state, message.due_at = Message.State.SENDING, at
    message.attempts += 1
    message.message_id = message_ids.of(message, message.ticket.queue.address.rpartition("@")[2])
    message.save(update_fields=["state", "due_at", "attempts", "message_id"])
    return message


def letter(message: Message) -> EmailMessage:
    """An outbound message as the mail the customer gets: an answer in the thread of what they wrote."""
    ticket = message.ticket
    earlier = ticket.said().filter(pk__lt=message.pk).exclude(message_id="").order_by("pk")
    heard = earlier.filter(kind=Message.Kind.INBOUND).last()
    headers = {"Message-ID": f"<{message.message_id}>", LOOP_HEADER: "1"}
    if message.rule_id:  # what a rule says wants no answer of another machine
        headers["Auto-Submitted"] = "auto-generated"
    if heard:
        ids = [name for name in earlier.values_list("message_id", flat=True) if message_ids.is_plain(name)]
        if message_ids.is_plain(heard.message_id):
            headers["In-Reply-To"] = f"<{heard.message_id}>"
        headers["References"] = " ".join(f"<{name}>" for name in ids[-20:])
    subject = " ".join(ticket.subject.split()) or ticket.brand.name
    if heard and not subject.lower().startswith("re:"):
        subject = f"Re: {subject}"
    name = " ".join((ticket.brand.mail_name or ticket.brand.name).split())
    mail = EmailMultiAlternatives(
        subject=subject,
        body=rich.plain(message.text) if message.is_rich else message.text,
        from_email=formataddr((name, ticket.queue.address)),
        to=[str(message.recipient)],
        headers={name: value for name, value in headers.items() if value},
    )
    return with_parts(mail, message)


def _own_try(message: Message) -> MessageQuerySet:
    """The message, if nobody has claimed it since: who slept past the lease changes nothing any more."""
    return Message.objects.filter(pk=message.pk, state=Message.State.SENDING, attempts=message.attempts)


def _sent(message: Message, at: datetime) -> None:
    _own_try(message).update(state=Message.State.SENT, sent_at=at, due_at=None, last_error="")


def _failed(message: Message, error: Exception, at: datetime) -> None:
    given_up = message.attempts >= settings.MAIL_MAX_ATTEMPTS
    _own_try(message).update(
        state=Message.State.FAILED if given_up else Message.State.QUEUED,
        due_at=None if given_up else at + BACK_OFF * 2 ** (message.attempts - 1),
        last_error=f"{type(error).__name__}: {error}"[:500],
    )
