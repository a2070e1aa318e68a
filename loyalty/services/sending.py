"""Rewards that go out by hand: marked as sent, told to the customer a little later, until then taken back."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

import customers.services
from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock, keys
from contactcenter.errors import Refused
from customers.models import ContactPoint
from loyalty.models import Redemption, Reward
from loyalty.services import confirming

REDEEM = "loyalty.redeem_points"
TOLD_AFTER = timedelta(minutes=10)  # so long a slip of the hand can be undone before anybody reads of it


@transaction.atomic
def mark_shipped(redemption: Redemption, *, by: Agent, key: str, at: datetime | None = None) -> Redemption:
    """Somebody has sent it; a letter says so in ten minutes, where there is a mail address in use.

    What is marked already stays as it is, and so does what was undone under this same `key`.
    Refused: `not_allowed`, `not_to_ship`.
    """
    expect_right(by, REDEEM, redemption.brand_id)
    at = at or clock.now()
    redemption = confirming.locked(redemption)
    if redemption.state != Redemption.State.POSTED or redemption.reward.kind != Reward.Kind.SHIPPED:
        raise Refused("not_to_ship", _("There is nothing to send for this."))
    if redemption.shipped_at or redemption.shipped_key == key:
        return redemption
    redemption.shipped_at, redemption.shipped_by, redemption.shipped_key = at, by, key
    redemption.save(update_fields=["shipped_at", "shipped_by", "shipped_key"])
    if point := _reached_by(redemption):
        customers.services.write_notice(
            point,
            "reward_sent",
            key=notice_key(redemption),
            context={"reward": redemption.reward.name},
            at=at,
            due_at=at + TOLD_AFTER,
        )
    return redemption


@transaction.atomic
def unmark_shipped(redemption: Redemption, *, by: Agent) -> Redemption:
    """It was not sent after all, and nobody was told yet: it is to be sent again. Twice does nothing.

    Refused: `not_allowed`, `already_told` once the letter is on its way.
    """
    expect_right(by, REDEEM, redemption.brand_id)
    redemption = confirming.locked(redemption)
    if redemption.shipped_at is None:
        return redemption
    if not customers.services.take_back_notice(notice_key(redemption), why="not sent after all"):
        raise Refused(
            "already_told", _("The customer has been told that %s is on its way.") % redemption.reward.name
        )
    redemption.shipped_at = redemption.shipped_by = None
    redemption.save(update_fields=["shipped_at", "shipped_by"])
    return redemption


def notice_key(redemption: Redemption) -> str:
    """The key of the letter that tells of one marking; what is marked anew is told of anew."""
    return f"sent:{redemption.pk}:{keys.digest(redemption.shipped_key)[:40]}"


def _reached_by(redemption: Redemption) -> ContactPoint | None:
    """The mail address the letter goes to, a verified one first; None where there is none.

    Of somebody who was merged since, one of who stays.
    """
    assert redemption.account  # noqa: S101  vouchers alone are given to who is no member
    customer = redemption.account.customer.who_stays()
    mails = ContactPoint.objects.filter(customer=customer, kind=ContactPoint.Kind.MAIL)
    return min(mails, key=lambda point: (point.verified_at is None, point.pk), default=None)
