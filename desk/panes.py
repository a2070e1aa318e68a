"""What the middle and the right pane need to know, asked once and passed on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.models import Agent
from contactcenter import clock
from customers.models import Customer
from desk.access import account_of
from desk.beside import put_beside
from desk.due import Due, due
from desk.forms import fresh_key
from desk.linked import caused_any, linked_with
from desk.lists import CustomerLists, Shown, lists_of
from desk.pledged import pledged
from desk.sending import choices as choices_later
from desk.snoozing import choices
from desk.taken import taken_of
from desk.templatetags.desk import money
from desk.thread import thread_of
from desk.timeline import timeline_of
from desk.twins import twins_of
from desk.verifying import caller_of
from desk.written import begun_in, held_in
from goodwill.models import Request, filled_in
from loyalty import progress
from loyalty.frozen import frozen
from loyalty.models import Account, LotExtension, Voucher
from tickets.models import Ticket, TicketLink, recipient_among

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


def conversation(page: Shown, *, before: int | None = None) -> dict[str, Any]:
    """Head and thread of a ticket."""
    ticket, lists = page.ticket, page.lists
    thread = thread_of(ticket, lists, before=before)
    put_beside(lists, thread.items)
    return {
        "ticket": ticket,
        "tags": lists.tags,
        "linked": linked_with(ticket, lists.links, whole={ticket.pk, *lists.joined}),
        "is_incident": caused_any(lists.links, whole={ticket.pk, *lists.joined}),
        "values": lists.values,
        "wrapping_up": next(iter(lists.wrapping_up), None) if ticket.queue.wrap_up_minutes else None,
        "priorities": Ticket.Priority.choices,
        "types": Ticket.Type.choices,
        "link_kinds": LINK_KINDS,
        "snoozes": choices(clock.now()),
        "follows": f"{ticket.brand.code}-{lists.follows}" if lists.follows else "",
        "joined": list(lists.joined.values()),
        "chip": chip_of(ticket),
        "pledges": pledged(lists.pledged, now=clock.now()),
        "thread": thread,
        "held": held_in(lists),
        "statuses": [Ticket.Status.OPEN, Ticket.Status.PENDING, Ticket.Status.ON_HOLD],
    }


def composer(page: Shown, *, by: Agent) -> dict[str, Any]:
    """The form for the next word with what `by` has begun, whom it will reach, and who else has begun something."""
    recipient = recipient_among(page.beside.contact_points, page.lists.heard)
    return {
        "recipient": recipient or "",
        "key": fresh_key(),
        "later": choices_later(page.ticket),
        **begun_in(page.lists, page.ticket.brand, by=by),
    }


def pane_of(page: Shown, *, by: Agent | None = None) -> dict[str, Any]:
    """The right pane beside a ticket as `by` sees it: who asks, and what the ticket itself brings up."""
    context = customer_pane(page.ticket.customer, page.beside, by=by, beside=page.ticket)
    vouchers = map(_voucher_to_tell, page.lists.vouchers)
    prompts = [*_to_put_right(page), *_goodwill_to_tell(page), *vouchers, *context["prompts"]]
    context["undecided"] = page.lists.undecided
    # A member's voucher comes from the ticket and from the customer.
    return context | {"prompts": list(dict.fromkeys(prompts))}


def history(
    customer: Customer,
    lists: CustomerLists | None = None,
    *,
    beside: Ticket | None = None,
    cursor: str = "",
    only: str = "",
) -> dict[str, Any]:
    """One page of what has been, all or `only` of one kind, what else is open than the ticket `beside` it, and the
    promises that will stand there one day."""
    newest = lists.newest if lists else None
    moments, following = timeline_of(customer, cursor=cursor, only=only, newest=newest)
    return {
        "ticket": beside,
        "brand": customer.brand,
        "moments": moments,
        "following": following,
        "only": only,
        "elsewhere": lists.elsewhere if lists else [],
        "awaited": lists.promises if lists else [],
    }


def customer_pane(
    customer: Customer,
    lists: CustomerLists | None = None,
    *,
    by: Agent | None = None,
    beside: Ticket | None = None,
) -> dict[str, Any]:
    """The person as `by` sees them, the account, what is about to be lost or reached, and what has been; `lists` if
    they were asked."""
    account, lists = account_of(customer), lists or lists_of(customer)
    facts: dict[str, Any] = {}
    if account:
        facts = {
            "progress": progress.of_tier(account),
            "expiring": progress.expiring_soon(account, points=lists.expiring),
            "frozen": frozen(account, lists.frozen),
            "extended": _of_account(account, lists.extended),
        }
    taken, vouchers = taken_of(lists.taken)
    return {
        **history(customer, lists, beside=beside),
        "customer": customer,
        "twins": twins_of(customer, lists.twins),
        "account": account,
        **facts,
        **caller_of(lists, by=by, beside=beside),
        "spend": lists.spend,
        "orders": lists.orders,
        "order_count": lists.order_count,
        "promises": lists.promises,
        "taken": taken,
        "prompts": [*map(_voucher_to_tell, vouchers[:VOUCHERS_SHOWN]), *_prompts(**facts)],
    }


def _of_account(account: Account, extended: list[LotExtension]) -> list[LotExtension]:
    """The same, each told in the zone of its account's programme."""
    for one in extended:
        one.lot.account = account
    return extended


def _goodwill_to_tell(page: Shown) -> list[Prompt]:
    """The last points or benefit given on the ticket, unless we wrote to the customer since."""
    account = account_of(page.ticket.customer)
    given = next((one for one in page.lists.given if not one.told), None)
    if given is None or account is None:
        return []
    if given.benefit:
        text = _("Given, not told yet: %s") % given.benefit.name
        return [Prompt("gift", text, _("We have given you this: %s.") % given.benefit.name)]
    worth = money(account.worth(given.points), page.ticket.brand.currency)
    text = (
        ngettext("%d point given, not told yet", "%d points given, not told yet", given.points) % given.points
    )
    return [Prompt("hand-heart", text, filled_in(given.sentence, given.points, worth))]


def _to_put_right(page: Shown) -> list[Prompt]:
    """What the customer was told of goodwill and is no longer so; a message that waited for an answer and was not
    sent."""
    prompts = []
    for one in page.lists.unsaid:
        figures = {"what": _what(one), "reason": one.reason.label}
        if one.state in (Request.State.UNDONE, Request.State.REVERSED):
            text = _("Taken back, and the customer was told: %(what)s, %(reason)s") % figures
            words = _(
                "We wrote to you that we had given you this: %(what)s. That was a mistake on our side, and we had to "
                "take it back. I am sorry for the confusion."
            )
            prompts.append(Prompt("corner-down-left", text, words % figures))
        else:
            figures["state"] = one.get_state_display()
            text = _("Not sent (%(state)s): %(what)s, %(reason)s") % figures
            prompts.append(Prompt("message-circle", text, one.message))
    return prompts


def _what(given: Any) -> str:
    """What a request gave, for people: the name of a gift, else its points."""
    points = ngettext("%s point", "%s points", given.points) % intcomma(given.points)
    return given.gift or points


def _voucher_to_tell(voucher: Voucher) -> Prompt:
    reward = voucher.redemption.reward
    until = date_format(voucher.last_day, "LONG_DATE")
    return Prompt("gift", f"{reward.name} · {voucher.code}", reward.words(voucher.code, until))


def _prompts(*, progress: Any = None, expiring: Any = None, **_more: Any) -> list[Prompt]:
    prompts = []
    if expiring:
        figures = {"points": intcomma(expiring.points), "day": date_format(expiring.last_day, "LONG_DAY")}
        words = _("By the way: %(points)s of your points expire on %(day)s.") % figures
        prompts.append(Prompt("hourglass", _("%(points)s points expire on %(day)s") % figures, words))
    if progress and progress.next and progress.missing:
        figures = {"points": intcomma(progress.missing), "tier": progress.next.name}
        text = _("%(points)s points to %(tier)s") % figures
        prompts.append(
            Prompt("trending-up", text, _("You are %(points)s points away from %(tier)s.") % figures)
        )
    return prompts
