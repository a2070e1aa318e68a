"""What becomes of tickets when two customers become one, and when they become two again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from contactcenter.errors import Refused
from customers.contact import plain
from customers.models import ContactPoint, Merge
from customers.services import (
    BACK,
    KEPT,
    Item,
    MergeStep,
    Place,
    Undoing,
    bring_back,
    came_along,
    chosen,
    hand_over,
    last_of,
    take_along,
)
from tickets.models import Message, Ticket

NAME = "tickets"


def merge_tickets(merge: Merge) -> dict[str, Any]:
    """All tickets follow, with what was said in them."""
    facts = {"ticket": last_of(Ticket), "message": last_of(Message)}
    take_along(merge, Ticket)
    return facts


def tickets_since(merge: Merge) -> Iterator[Item]:
    """New tickets, and those that came along in which somebody has said something since."""
    facts, along = merge.facts[NAME], came_along(merge, Ticket)
    ours: Any = Ticket.objects.filter(customer=merge.kept_id).select_related("brand").order_by("pk")
    theirs = set(
        ContactPoint.ever.filter(pk__in=came_along(merge, ContactPoint)).values_list("value", flat=True)
    )
    new = list(ours.filter(pk__gt=facts["ticket"]).exclude(pk__in=along))
    heard = Message.objects.filter(ticket__in=new, kind=Message.Kind.INBOUND).values_list("ticket", "sender")
    back = {ticket for ticket, sender in heard if plain(sender) in theirs}
    for ticket in new:
        advice = BACK if ticket.pk in back else KEPT
        yield Item(f"ticket:{ticket.pk}", _("New ticket"), _words(ticket), ticket.opened_at, advice)
    said = Message.objects.filter(pk__gt=facts["message"]).exclude(kind=Message.Kind.NOTE)
    for ticket in ours.filter(pk__in=along).filter(pk__in=said.filter(ticket__in=along).values("ticket")):
        yield Item(f"ticket:{ticket.pk}", _("Went on since"), _words(ticket), ticket.last_message_at, BACK)


def unmerge_tickets(undoing: Undoing) -> None:
    """What came along goes back, unless it is to stay; what is new as it was decided. Refused: `mail_waits`."""
    merge = undoing.merge
    stays = [
        int(key.removeprefix("ticket:"))
        for key, choice in undoing.choices.items()
        if key.startswith("ticket:") and choice == KEPT
    ]
    bring_back(merge, Ticket, but=stays)
    hand_over(merge, Ticket, chosen(undoing, "ticket"))
    _expect_whole(merge)
    waiting = Message.objects.filter(
        ticket__customer__in=[merge.kept_id, merge.merged_id],
        state__in=[Message.State.QUEUED, Message.State.SENDING],
    )
    if (
        astray := waiting.exclude(recipient__customer=F("ticket__customer"))
        .select_related("recipient")
        .first()
    ):
        sentence = _("A reply to %s is on its way. Try again when it is sent.")
        raise Refused("mail_waits", sentence % astray.recipient)


def _expect_whole(merge: Merge) -> None:
    """A ticket and what went into it are one person's. Refused: `torn_apart`."""
    of_both = Ticket.objects.filter(customer__in=[merge.kept_id, merge.merged_id], merged_into__isnull=False)
    rows = of_both.exclude(merged_into__customer=F("customer")).select_related("brand", "merged_into__brand")
    if torn := rows.order_by("pk").first():
        sentence = _("%(ticket)s went into %(into)s, which is the other’s. Take the two tickets apart first.")
        words = {"ticket": torn, "into": torn.merged_into}
        raise Refused("torn_apart", sentence % words, details={"what": f"ticket:{torn.pk}"})


def _words(ticket: Ticket) -> str:
    return f"{ticket.reference} {ticket.subject}".strip()


def tickets_of(people: Any) -> Any:
    return Ticket.objects.filter(customer__in=people)


STEP = MergeStep(
    name=NAME,
    merge=merge_tickets,
    unmerge=unmerge_tickets,
    since=tickets_since,
    locks=[(Place.TICKETS, tickets_of)],
    keys=["tickets_ticket_merged_into_id_of_one_customer"],
)
