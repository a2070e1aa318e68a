"""What the middle and the right pane need to know, asked once and passed on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Exists, OuterRef, Q, prefetch_related_objects
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.models import Agent
from contactcenter import clock
from contactcenter.paging import capped_count
from customers.models import Customer
from desk.access import account_of
from desk.beside import put_beside
from desk.deeds import TAGGING, Known, mark, told
from desk.due import Due, due
from desk.filling import values_of
from desk.forms import fresh_key
from desk.linked import linked_with
from desk.snoozing import choices
from desk.taken import taken_by
from desk.templatetags.desk import money
from desk.thread import Thread, origins_of, thread_of
from desk.timeline import timeline_of
from desk.twins import twins_of
from desk.verifying import caller_of
from goodwill.models import Reason, Request
from loyalty import progress
from loyalty.frozen import frozen
from loyalty.kept import extended
from loyalty.models import Voucher
from tickets.models import Message, Tag, Ticket, TicketLink, TicketTag, WrapUp

ORDERS_SHOWN = 3
ELSEWHERE_SHOWN = 3
COLLEAGUES_SHOWN = 30
VOUCHERS_SHOWN = 3
# The first is what Enter does in the field for the other ticket: it says least.
LINK_KINDS = [TicketLink.Kind.RELATED, TicketLink.Kind.PARENT, TicketLink.Kind.INCIDENT]


@dataclass(frozen=True)
class Prompt:
    """A fact worth telling the customer: shown as `text`, put into the reply as `words` with one click."""

    icon: str
    text: str
    words: str


def chip_of(ticket: Ticket) -> Due:
    """How urgent the ticket's next answer is."""
    return due(ticket.due_at, now=clock.now(), since=ticket.due_since, kind=ticket.due_kind)


def conversation(ticket: Ticket, *, before: int | None = None, version: str = "") -> dict[str, Any]:
    """Head and thread of a ticket; `version` if the caller has just asked for it."""
    thread = thread_of(ticket, before=before, version=version)
    colleagues = list(Agent.objects.serving(ticket.brand).only("name", "email")[:COLLEAGUES_SHOWN])
    reasons = dict(Reason.objects.filter(brand=ticket.brand_id).values_list("code", "label"))
    account = account_of(ticket.customer)
    tags, linked = _tags_of(ticket, thread), linked_with(ticket)
    values, names = values_of(ticket, [item.event for item in thread.items if item.event])
    known = Known(
        reasons, colleagues, account, {tag.pk: tag.name for tag in tags},
        {link.ticket.pk: link.ticket.reference for link in linked}, names,
    )  # fmt: skip
    for item in thread.items:
        if item.event:
            item.told = mark(item.event) if item.is_mark else told(item.event, known)
    put_beside(ticket, thread.items)
    return {
        "ticket": ticket,
        "tags": [tag for tag in tags if tag.is_on],
        "linked": linked,
        "values": values,
        "wrapping_up": _wrapping_up(ticket),
        "priorities": Ticket.Priority.choices,
        "types": Ticket.Type.choices,
        "link_kinds": LINK_KINDS,
        "snoozes": choices(clock.now()),
        "follows": _followed(ticket),
        "joined": list(origins_of(ticket).values()),
        "chip": chip_of(ticket),
        "thread": thread,
        "colleagues": colleagues,
        "statuses": [Ticket.Status.OPEN, Ticket.Status.PENDING, Ticket.Status.ON_HOLD],
    }


def _wrapping_up(ticket: Ticket) -> WrapUp | None:
    """Who still has to do with the ticket after the last word on it, where its queue measures that."""
    if not ticket.queue.wrap_up_minutes:
        return None
    return WrapUp.objects.filter(ticket=ticket).running(clock.now()).first()


def _followed(ticket: Ticket) -> str:
    """The reference of the closed ticket that this one goes on from; "" for none."""
    if ticket.follows_id is None:
        return ""
    number = Ticket.objects.filter(pk=ticket.follows_id).values_list("number", flat=True).get()
    return f"{ticket.brand.code}-{number}"


def _tags_of(ticket: Ticket, thread: Thread) -> list[Any]:
    """The tags of a ticket (`is_on`), and those that the thread speaks of: put on once and taken off since."""
    ids = {
        event.data[side]
        for event in (item.event for item in thread.items)
        if event and event.kind in TAGGING
        for side in ("before", "after")
    }
    on = TicketTag.objects.filter(ticket=ticket, tag=OuterRef("pk"))
    meant = Q(pk__in=[pk for pk in ids if pk]) | Q(
        pk__in=TicketTag.objects.filter(ticket=ticket).values("tag")
    )
    return list(Tag.objects.filter(meant, brand=ticket.brand_id).annotate(is_on=Exists(on)).order_by("name"))


def composer(ticket: Ticket) -> dict[str, Any]:
    """An empty form for the next word, and whom it will reach."""
    prefetch_related_objects([ticket.customer], "contact_points")  # once, whoever of the panes asks first
    return {"recipient": ticket.answer_goes_to() or "", "key": fresh_key()}


def pane_of(ticket: Ticket, *, by: Agent | None = None) -> dict[str, Any]:
    """The right pane beside a ticket as `by` sees it: who asks, and what the ticket itself brings up."""
    context = customer_pane(ticket.customer, by=by, beside=ticket)
    return context | {"prompts": [*_goodwill_to_tell(ticket), *context["prompts"]]}


def history(
    customer: Customer, *, beside: Ticket | None = None, cursor: str = "", only: str = ""
) -> dict[str, Any]:
    """One page of what has been, all or `only` of one kind, and what else is open than the ticket `beside` it."""
    moments, following = timeline_of(customer, cursor=cursor, only=only)
    elsewhere = customer.tickets.unsolved().select_related("brand", "assignee")
    elsewhere = elsewhere.only(
        "customer_id", "number", "subject", "brand__code", "assignee__name", "assignee__email"
    )
    if beside:
        elsewhere = elsewhere.exclude(pk=beside.pk)
    return {
        "ticket": beside,
        "brand": customer.brand,
        "moments": moments,
        "following": following,
        "only": only,
        "elsewhere": [] if cursor else list(elsewhere[:ELSEWHERE_SHOWN]),
    }


def customer_pane(
    customer: Customer, *, by: Agent | None = None, beside: Ticket | None = None
) -> dict[str, Any]:
    """The person as `by` sees them, the account, what is about to be lost or reached, and what has been."""
    account = account_of(customer)
    orders = customer.orders.order_by("-placed_at").prefetch_related("lines")
    promises = list(customer.callbacks.open().order_by("window_from")[:3])
    prefetch_related_objects([customer], "contact_points")
    facts: dict[str, Any] = {}
    if account:
        facts = {"progress": progress.of_tier(account), "expiring": progress.expiring_soon(account)}
        facts |= {"frozen": frozen(account)}
        facts |= {"extended": extended(account)}
    taken, vouchers = taken_by(account) if account else ([], [])
    return {
        **history(customer, beside=beside),
        "customer": customer,
        "twins": twins_of(customer),
        "account": account,
        **facts,
        **caller_of(customer, by=by, beside=beside),
        "spend": customer.spend_of_twelve_months(),
        "orders": list(orders[:ORDERS_SHOWN]),
        "order_count": capped_count(customer.orders.all()),
        "promises": promises,
        "taken": taken,
        "prompts": [*map(_voucher_to_tell, vouchers[:VOUCHERS_SHOWN]), *_prompts(**facts)],
    }


def _goodwill_to_tell(ticket: Ticket) -> list[Prompt]:
    given, account = _untold_goodwill(ticket), account_of(ticket.customer)
    if given is None or account is None:
        return []
    worth = money(account.worth(given.points), ticket.brand.currency)
    text = (
        ngettext("%d point given, not told yet", "%d points given, not told yet", given.points) % given.points
    )
    return [Prompt("hand-heart", text, given.reason.words(given.points, worth))]


def _voucher_to_tell(voucher: Voucher) -> Prompt:
    reward = voucher.redemption.reward
    until = date_format(voucher.last_day, "j F Y")
    return Prompt("gift", f"{reward.name} · {voucher.code}", reward.words(voucher.code, until))


def _prompts(*, progress: Any = None, expiring: Any = None, **_more: Any) -> list[Prompt]:
    prompts = []
    if expiring:
        figures = {"points": intcomma(expiring.points), "day": date_format(expiring.last_day, "j F")}
        words = _("By the way: %(points)s of your points expire on %(day)s.") % figures
        prompts.append(Prompt("hourglass", _("%(points)s points expire on %(day)s") % figures, words))
    if progress and progress.next and progress.missing:
        figures = {"points": intcomma(progress.missing), "tier": progress.next.name}
        text = _("%(points)s points to %(tier)s") % figures
        prompts.append(
            Prompt("trending-up", text, _("You are %(points)s points away from %(tier)s.") % figures)
        )
    return prompts


def _untold_goodwill(ticket: Ticket) -> Request | None:
    """The last grant on this ticket, when it was made after our last word to the customer."""
    since = ticket.said().filter(kind=Message.Kind.OUTBOUND, created_at__gte=OuterRef("asked_at"))
    grants = (
        Request.objects.filter(ticket__in=ticket.whole())
        .select_related("reason")
        .annotate(told=Exists(since))
    )
    last = grants.order_by("-id").first()
    return last if last and not last.told else None
