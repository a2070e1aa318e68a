"""Mail in: stored as it came, then read, then it joins its ticket or opens one.

The raw mail is committed before anything is done with it, so that nothing is lost whatever happens after.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

import customers.services
from agents.models import Brand
from contactcenter import clock
from contactcenter.errors import Refused
from tickets import services
from tickets.channels.email import consults, message_ids
from tickets.channels.email.parse import Mail, Part, parse
from tickets.models import (
    Attachment,
    Channel,
    Consult,
    ConsultWord,
    InboundMail,
    Queue,
    Ticket,
    by_digest,
)

log = logging.getLogger(__name__)
Outcome = InboundMail.Outcome
# Written by machines about mail, never by a customer. What is merely sent to many may well be a customer's word.
NOT_A_WORD = {"loop", "bounce", "receipt", "complaint", "out of office"}
# A copy that took another way (to a second queue, say) is the same message: its key is taken.
AS_OUTCOME = {"no_word": Outcome.IGNORED, "key_conflict": Outcome.DUPLICATE}
CUT_SHORT_AFTER = timedelta(minutes=1)
MOST_ATTEMPTS = 5


@dataclass(frozen=True)
class Receipt:
    """What became of a mail: the stored row with its outcome, and what was read in it."""

    stored: InboundMail
    mail: Mail

    @property
    def ticket(self) -> Ticket | None:
        return self.stored.message.ticket if self.stored.message else None


def receive(raw: bytes, *, brand: Brand | None = None) -> Receipt:
    """Take in one mail as it came. Without `brand` the address it was sent to decides.

    Never refuses: what belongs to nobody is quarantined, what no person wrote is ignored, each with its reason.
    """
    stored = InboundMail.objects.create(
        sha256=hashlib.sha256(raw).hexdigest(),
        raw=raw[: settings.MAIL_MAX_BYTES],
        brand=brand,
        received_at=clock.now(),
        outcome=Outcome.QUARANTINED if len(raw) > settings.MAIL_MAX_BYTES else Outcome.RECEIVED,
        reason=_("It is too large.") if len(raw) > settings.MAIL_MAX_BYTES else "",
    )
    mail = parse(bytes(stored.raw))
    if stored.outcome == Outcome.RECEIVED:
        _work_off(stored, mail)
    return Receipt(stored, mail)


def work_off_next(*, at: datetime | None = None) -> bool:
    """Take up one stored mail whose working off was cut short; False when none is left.

    It is tried again a minute after it came, a minute later the next time, and set aside after the fifth.
    """
    at = at or clock.now()
    with transaction.atomic():
        waiting = InboundMail.objects.cut_short(at, after=CUT_SHORT_AFTER)
        stored = waiting.select_for_update(skip_locked=True).order_by("received_at").first()
        if stored is None:
            return False
        stored.attempts += 1
        stored.save(update_fields=["attempts"])
    if stored.attempts > MOST_ATTEMPTS:
        _end(stored, Outcome.QUARANTINED, _("It could not be worked off; see the log."))
        return True
    try:
        _work_off(stored, parse(bytes(stored.raw)))
    except Exception:
        log.exception("stored mail %s could not be worked off", stored.pk)
    return True


def _work_off(stored: InboundMail, mail: Mail) -> None:
    """Decide what the mail is and let it take effect, in one transaction with its outcome."""
    try:
        _expect_a_word(mail)
        if consult := _consulted(mail, stored.brand):
            _join_consult(stored, mail, consult)
            return
        answered = _answered(mail, stored.brand)
        queue = answered.queue if answered else _queue(mail, stored.brand)
        files = [(part, _kept(part)) for part in mail.attachments]
        _join(stored, mail, queue, answered, files)
    except Refused as refusal:
        _end(stored, AS_OUTCOME.get(refusal.code, Outcome.QUARANTINED), refusal.sentence)


def _expect_a_word(mail: Mail) -> None:
    if mail.automatic in NOT_A_WORD:
        raise Refused("no_word", _("No person wrote it: %s.") % mail.automatic)
    if not mail.sender:
        raise Refused("no_sender", _("It names no sender that can be answered."))


@transaction.atomic
def _join(
    stored: InboundMail, mail: Mail, queue: Queue, answered: Ticket | None, files: list[tuple[Part, str]]
) -> None:
    """The mail becomes a message: of the ticket it answers, else of a new one of whoever sent it."""
    if InboundMail.objects.select_for_update().get(pk=stored.pk).outcome != Outcome.RECEIVED:
        return  # another worker has done it meanwhile
    key = _key(mail, queue.brand, stored)
    going_on = services.lock_where_it_goes_on(answered) if answered else None
    if going_on and not services.can_be_answered(going_on, stored.received_at):
        ticket = services.follow_up(
            going_on, subject=mail.subject, channel=Channel.MAIL, key=key, at=stored.received_at
        )
        answered = None
    else:
        ticket = going_on or services.lock_where_it_goes_on(_opened(mail, queue, key, stored))
    message = services.hear(
        ticket,
        mail.text,
        channel=Channel.MAIL,
        sender=mail.sender,
        key=key,
        html=mail.html,
        message_id=mail.message_id,
        in_reply_to=next(iter(mail.in_reply_to), ""),
        at=stored.received_at,
    )
    stored.brand, stored.message = queue.brand, message
    # The ticket is locked: whoever was here first has committed.
    if InboundMail.objects.filter(message=message).exists():
        _end(stored, Outcome.DUPLICATE, _("The same mail was here before."))
        return
    if answered is None:
        services.acknowledge(ticket, sender=mail.sender, automatic=mail.automatic, at=stored.received_at)
    Attachment.objects.bulk_create(
        Attachment(
            message=message,
            name=part.name[:255],
            content_type=part.content_type[:127],
            size=part.size,
            sha256=part.sha256,
            file=path,
        )
        for part, path in files
    )
    _end(stored, Outcome.APPENDED if answered else Outcome.CREATED, "")


@transaction.atomic
def _join_consult(stored: InboundMail, mail: Mail, consult: Consult) -> None:
    """The mail becomes a word beside the ticket: never one of the conversation, never a ticket of its own."""
    if InboundMail.objects.select_for_update().get(pk=stored.pk).outcome != Outcome.RECEIVED:
        return
    stored.brand, key = consult.brand, _key(mail, consult.brand, stored)
    was_here = ConsultWord.objects.filter(key=key).exists()
    services.hear_expert(consult, mail.text, sender=mail.sender, key=key, at=stored.received_at)
    outcome = Outcome.DUPLICATE if was_here else Outcome.CONSULTED
    _end(stored, outcome, _("Beside the ticket %s.") % consult.ticket.reference)


def _consulted(mail: Mail, brand: Brand | None) -> Consult | None:
    """The question to an expert that this mail answers, by the address it was sent to or the mail of ours it names."""
    pk = consults.consult_in(list(mail.recipients), [*mail.references, *mail.in_reply_to])
    rows = Consult.objects.select_related("brand", "ticket__brand")
    consult: Consult | None = rows.filter(pk=pk).first() if pk else None
    return consult if consult and brand in (None, consult.brand) else None


def _opened(mail: Mail, queue: Queue, key: str, stored: InboundMail) -> Ticket:
    name = mail.sender_name or mail.sender.partition("@")[0]
    customer, _point = customers.services.customer_of_address(queue.brand, mail.sender, name=name)
    return services.open_ticket(
        customer, queue=queue, subject=mail.subject, channel=Channel.MAIL, key=key, at=stored.received_at
    )


def _answered(mail: Mail, brand: Brand | None) -> Ticket | None:
    """The ticket of the message or letter of ours that this mail answers, by the signed Message-ID it carries."""
    named = [*mail.references, *mail.in_reply_to]
    tickets = Ticket.objects.select_related("queue__brand")
    if message := message_ids.ours_in(named):
        ticket = tickets.filter(messages=message).first()
    elif pk := message_ids.ticket_in(named):
        ticket = tickets.filter(pk=pk).first()
    else:
        return None
    return ticket if ticket and brand in (None, ticket.queue.brand) else None


def _queue(mail: Mail, brand: Brand | None) -> Queue:
    """The queue with the first address the mail was sent to; within a named brand else its default queue."""
    queues = Queue.objects.select_related("brand")
    if brand is not None:
        queues = queues.filter(brand=brand)
    wanted = [_without_tag(address.lower()) for address in mail.recipients]
    found = {queue.address: queue for queue in queues.filter(address__in=wanted)}
    queue = next((found[address] for address in wanted if address in found), None)
    if queue is None and brand is not None:
        queue = queues.filter(is_default=True).first()
    if queue is None:
        raise Refused("no_queue", _("No queue has an address it was sent to."))
    return queue


def _without_tag(address: str) -> str:
    """care+anything@brand.example is care@brand.example."""
    local, at, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def _key(mail: Mail, brand: Brand, stored: InboundMail) -> str:
    """What makes two deliveries one: brand, sender and Message-ID; without a Message-ID the very same bytes.

    The sender is part of it, so that nobody can keep another's mail out by using its Message-ID first.
    """
    name = f"{brand.pk}|{mail.sender}|{mail.message_id or stored.sha256}"
    return f"mail:{hashlib.sha256(name.encode()).hexdigest()}"


def _kept(part: Part) -> str:
    """Keep the bytes of a part under their digest and say where; the same bytes are kept once."""
    path = by_digest(Attachment(sha256=part.sha256), part.name)
    if default_storage.exists(path) and default_storage.size(path) == part.size:
        return path
    return default_storage.save(path, ContentFile(part.content))


def _end(stored: InboundMail, outcome: str, reason: str) -> None:
    stored.outcome, stored.reason = outcome, reason[:200]
    stored.save(update_fields=["outcome", "reason", "brand", "message"])
