"""Letting the customer choose: the offer is a request for the dearest of its remedies, and a link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

import tickets.services
from agents.models import Agent
from contactcenter import clock, keys
from contactcenter.errors import Refused
from customers.models import Order
from goodwill.links import link_to
from goodwill.models import Offer, Reason, Remedy, Request
from goodwill.models.offers import CHOSEN_WITHIN
from goodwill.services import locking
from goodwill.services.checking import takes_two
from goodwill.services.granting import prepared, wait
from goodwill.services.posting import Gift, member_of, note, worth_of
from loyalty.models import Benefit, Reward
from tickets.models import Ticket
from tickets.services.acting import acting_rule

MOST = 3
State = Request.State


@dataclass(frozen=True)
class Option:
    """One thing to choose: so many `points`, a `gift` (a voucher or a benefit), or with neither a call."""

    points: int = 0
    gift: Gift | None = None

    @property
    def worth(self) -> int:
        """What it counts for, in points; a call nothing."""
        return worth_of(self.gift) if self.gift else self.points

    @property
    def kind(self) -> Remedy.Kind:
        if isinstance(self.gift, Reward):
            return Remedy.Kind.VOUCHER
        if isinstance(self.gift, Benefit):
            return Remedy.Kind.BENEFIT
        return Remedy.Kind.POINTS if self.points else Remedy.Kind.CALL


@transaction.atomic
def offer(
    ticket: Ticket,
    options: Sequence[Option],
    *,
    by: Agent,
    reason: Reason,
    key: str,
    text: str,
    order: Order | None = None,
    words: str = "",
    at: datetime | None = None,
) -> Offer:
    """Let the customer choose one of two or three `options`: a reply with `text` and a signed link goes out.

    The dearest is held against every limit and reserves the budget; over a limit it waits as `ask` does, and the link
    goes out when somebody agrees. The first that is no call is the default after seven days. `words` are for whoever
    decides. Refused: as `ask`, `too_few_remedies`, `too_many_remedies`, `same_twice`, `outside_reason` for any
    of them, and what replying refuses.
    """
    at = at or clock.now()
    if acting_rule():
        raise Refused("a_person_decides", _("A rule can ask for goodwill; a person decides."))
    _expect_choice(options)
    for each in options:
        if each.worth and not reason.min_points <= each.worth <= reason.max_points:
            _refuse_outside(each, reason)
    dearest = max(each.worth for each in options)
    draft = Request(points=dearest, by=by, reason=reason, key=key, order=order, words=words, asked_at=at)
    request, over = prepared(ticket, draft, chooses=True)
    if request.pk:
        return _same(request, options)
    if request.account is None and any(each.kind in ("points", "benefit") for each in options):
        raise Refused("no_member", _("%s is no member: offer vouchers or a call.") % request.ticket.customer)
    two = takes_two(by, request.brand_id, dearest, at)
    if over or two:
        wait(request, over, two, at=at)
        return _written(request, options, text)
    request.state = State.OPEN
    request.save()
    locking.book(request.budget, reserved=request.points)
    sent = _written(request, options, text)
    _open(sent, request, at)
    tickets.services.reply(request.ticket, _letter(sent), by=by, key=f"offer:{request.pk}", at=at)
    note(request, "offered", by=by, at=at)
    return sent


def send(waiting: Offer, request: Request, *, at: datetime, on: Ticket) -> None:
    """The link of an offer that was agreed to goes out, in the name of who asked; all locks are held.

    It is no answer to what the customer may have written since: it moves no status and ends no clock.
    """
    request.state, request.lapses_at, request.account = State.OPEN, None, member_of(on)
    request.save()
    _open(waiting, request, at)
    tickets.services.tell(on, _letter(waiting), by=request.asker, key=f"offer:{request.pk}", at=at)
    note(request, "offered", by=request.asker, at=at, on=on)


def _open(sent: Offer, request: Request, at: datetime) -> None:
    sent.state, sent.sent_at, sent.default_at = Offer.State.OPEN, at, at + CHOSEN_WITHIN
    sent.tier_id = request.account.tier_id if request.account else None
    sent.save()


def _written(request: Request, options: Sequence[Option], text: str) -> Offer:
    """The offer of a request that waits, with its remedies."""
    written = Offer.objects.create(
        brand_id=request.brand_id, request=request, text=text, state=Offer.State.WAITING
    )
    default = next(number for number, each in enumerate(options) if each.kind != Remedy.Kind.CALL)
    Remedy.objects.bulk_create(
        Remedy(
            offer=written, position=number, kind=each.kind, points=each.worth, is_default=number == default,
            reward=each.gift if isinstance(each.gift, Reward) else None,
            benefit=each.gift if isinstance(each.gift, Benefit) else None,
        )
        for number, each in enumerate(options)
    )  # fmt: skip
    return written


def _letter(sent: Offer) -> str:
    return f"{sent.text.strip()}\n\n{link_to(sent)}".strip()


def _expect_choice(options: Sequence[Option]) -> None:
    if len(options) < 2:
        raise Refused("too_few_remedies", _("Offer two things at least, or give the one."))
    if len(options) > MOST:
        raise Refused("too_many_remedies", _("Offer %d things at most: more is no help.") % MOST)
    if len({(each.kind, each.gift) for each in options}) < len(options):
        raise Refused("same_twice", _("Offer each thing once."))


def _refuse_outside(option: Option, reason: Reason) -> None:
    figures = {"min": reason.min_points, "max": reason.max_points}
    sentence = _("%(reason)s allows %(min)d to %(max)d points; %(what)s counts for %(worth)d.")
    what = option.gift or _("this")
    raise Refused(
        "outside_reason",
        sentence % {"reason": reason.label, "what": what, "worth": option.worth, **figures},
        details=figures,
    )


def _same(request: Request, options: Sequence[Option]) -> Offer:
    """What a repeated key is answered with. Refused: `key_conflict` for one that offered something else."""
    # A price may have changed since: a gift is the same by what it is, points by how many.
    rows = request.offer.remedies.select_related("reward", "benefit")
    there = [(row.reward or row.benefit, row.points if row.kind == Remedy.Kind.POINTS else 0) for row in rows]
    if there != [(each.gift, each.points) for each in options]:
        raise keys.conflict()
    return request.offer
