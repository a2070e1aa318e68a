"""What the middle and the right pane need to know, asked once and passed on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.models import Agent
from contactcenter import clock
from contactcenter.paging import capped_count
from customers.models import Customer
from desk.due import Due, due
from desk.forms import fresh_key
from desk.templatetags.desk import money
from desk.thread import thread_of
from desk.timeline import timeline_of
from goodwill.models import Reason, Request
from loyalty import progress
from loyalty.models import Account
from tickets.models import Message, Ticket

ORDERS_SHOWN = 3
ELSEWHERE_SHOWN = 3
COLLEAGUES_SHOWN = 30


@dataclass(frozen=True)
class Prompt:
    """A fact worth telling the customer: shown as `text`, put into the reply as `words` with one click."""

    icon: str
    text: str
    words: str


def chip_of(ticket: Ticket) -> Due:
    """How urgent the ticket's next answer is."""
    return due(ticket.due_at, now=clock.now(), allowed=timedelta(minutes=ticket.queue.reply_minutes))


def account_of(customer: Customer) -> Account | None:
    """The customer's membership, None for who is no member; loaded with the ticket, so it costs no query."""
    return getattr(customer, "account", None)


def conversation(ticket: Ticket, *, before: int | None = None) -> dict[str, Any]:
    """Head, thread and composer of a ticket."""
    return {
        "ticket": ticket,
        "chip": chip_of(ticket),
        "thread": thread_of(ticket, before=before),
        "reasons": {reason.code: reason.label for reason in Reason.objects.filter(brand=ticket.brand_id)},
        "colleagues": Agent.objects.serving(ticket.brand)[:COLLEAGUES_SHOWN],
        "statuses": [Ticket.Status.OPEN, Ticket.Status.PENDING, Ticket.Status.ON_HOLD],
        "recipient": ticket.answer_goes_to() or "",
        "key": fresh_key(),
    }


def pane_of(ticket: Ticket, *, cursor: str = "", only: str = "") -> dict[str, Any]:
    """The right pane beside a ticket: who asks, and what the ticket itself brings up."""
    context = customer_pane(ticket.customer, cursor=cursor, only=only)
    others = [other for other in context["elsewhere"] if other.pk != ticket.pk]
    prompts = [*_goodwill_to_tell(ticket), *context["prompts"]]
    return context | {"ticket": ticket, "elsewhere": others[:ELSEWHERE_SHOWN], "prompts": prompts}


def customer_pane(customer: Customer, *, cursor: str = "", only: str = "") -> dict[str, Any]:
    """The person, the account, what is about to be lost or reached, and what has been; `cursor` pages the timeline."""
    account = account_of(customer)
    moments, following = timeline_of(customer, cursor=cursor, only=only)
    orders = customer.orders.order_by("-placed_at").prefetch_related("lines")
    promises = list(customer.callbacks.open().select_related("owner").order_by("window_from")[:3])
    elsewhere = customer.tickets.unsolved().select_related("brand", "assignee")
    facts: dict[str, Any] = {}
    if account:
        facts = {"progress": progress.of_tier(account), "expiring": progress.expiring_soon(account)}
    return {
        "customer": customer,
        "brand": customer.brand,
        "account": account,
        **facts,
        "contact_points": list(customer.contact_points.all()),
        "spend": customer.spend_of_twelve_months(),
        "orders": list(orders[:ORDERS_SHOWN]),
        "order_count": capped_count(customer.orders.all()),
        "promises": promises,
        "prompts": _prompts(**facts),
        "elsewhere": list(elsewhere[: ELSEWHERE_SHOWN + 1]),
        "moments": moments,
        "following": following,
        "only": only,
    }


def _goodwill_to_tell(ticket: Ticket) -> list[Prompt]:
    told = _untold_goodwill(ticket)
    if told is None:
        return []
    worth = money(told.account.worth(told.points), ticket.brand.currency)
    text = (
        ngettext("%d point given, not told yet", "%d points given, not told yet", told.points) % told.points
    )
    return [Prompt("hand-heart", text, told.reason.words(told.points, worth))]


def _prompts(*, progress: Any = None, expiring: Any = None) -> list[Prompt]:
    prompts = []
    if expiring:
        figures = {"points": expiring.points, "day": date_format(expiring.last_day, "j F")}
        words = _("By the way: %(points)s of your points expire on %(day)s.") % figures
        prompts.append(Prompt("hourglass", _("%(points)s points expire on %(day)s") % figures, words))
    if progress and progress.next:
        figures = {"points": progress.missing, "tier": progress.next.name}
        text = _("%(points)s points to %(tier)s") % figures
        prompts.append(
            Prompt("trending-up", text, _("You are %(points)s points away from %(tier)s.") % figures)
        )
    return prompts


def _untold_goodwill(ticket: Ticket) -> Request | None:
    """The last grant on this ticket that was made after our last word to the customer."""
    last = (
        ticket.messages.filter(kind=Message.Kind.OUTBOUND)
        .order_by("-seq")
        .values_list("created_at", flat=True)
    )
    grants = Request.objects.filter(ticket=ticket).select_related("reason", "account__programme")
    told_at = last.first()
    if told_at:
        grants = grants.filter(asked_at__gt=told_at)
    return grants.order_by("-id").first()
