"""Correcting a balance by hand: alone up to a limit, above it with a second person."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Abs
from django.utils.translation import gettext as _

from agents import roles
from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock, keys
from contactcenter.errors import Refused
from customers.services import require
from customers.verification import Deed
from loyalty.models import Account, Adjustment, Entry
from loyalty.services.book import Book

ADJUST = "loyalty.adjust_points"
WINDOW = timedelta(hours=24)  # what one person adjusted alone on an account in this time counts together


@transaction.atomic
def adjust(
    account: Account, points: int, *, by: Agent, reason: str, key: str, at: datetime | None = None
) -> Entry:
    """Correct a balance by hand by `points` (not 0), with a reason code; counts nothing towards tiers.

    Refused: `not_allowed` without the permission to adjust, `reason_missing`, `key_conflict`,
    `account_not_active`, `nothing_to_adjust`, `not_enough_points` where more is taken than can be spent,
    `verification_needed`, `needs_second_person` above what `by` may adjust alone on one account in 24 hours:
    `ask_adjustment` then.
    """
    _expect_sense(account, points, by=by, reason=reason)
    at = at or clock.now()
    book = Book.lock(account)
    request = _request(account, points, reason)
    if earlier := book.earlier(key, request):
        return earlier
    require(book.account.customer, Deed.ADJUST, by=by, at=at)
    book.expect_active()
    left = may_adjust_alone(book.account, by=by, at=at)
    if abs(points) > left:
        sentence = _("Above %d points on one account and day a second person has to agree.")
        raise Refused("needs_second_person", sentence % limit_of(book.account, by), details={"left": left})
    return _post(book, points, by=by, reason=reason, key=key, request=request, at=at)


@transaction.atomic
def ask_adjustment(
    account: Account, points: int, *, by: Agent, reason: str, key: str, at: datetime | None = None
) -> Adjustment:
    """Ask for a correction of any size, to be decided by a second person; no points move yet.

    Refused: `not_allowed`, `reason_missing`, `nothing_to_adjust`, `key_conflict`, `verification_needed`,
    `account_not_active`.
    """
    _expect_sense(account, points, by=by, reason=reason)
    book = Book.lock(account)
    request = _request(account, points, reason)
    keys.claim(Adjustment, key)
    if earlier := Adjustment.objects.filter(key=key).first():
        if earlier.request_hash != request:
            raise keys.conflict()
        return earlier
    require(book.account.customer, Deed.ADJUST, by=by, at=at)
    book.expect_active()
    return Adjustment.objects.create(
        account=book.account, points=points, reason=reason, key=key, request_hash=request, requester=by,
        asked_at=at or clock.now(),
    )  # fmt: skip


@transaction.atomic
def approve_adjustment(adjustment: Adjustment, *, by: Agent, at: datetime | None = None) -> Entry:
    """Agree to what somebody else asked for, and post it in the name of who asked. Safe to repeat.

    Refused: `not_allowed` without the permission, `same_person`, `already_declined`, and as `adjust` refuses.
    """
    book, asked = _decide(adjustment, by)
    if asked.entry:
        return asked.entry
    if asked.state == Adjustment.State.DECLINED:
        raise Refused("already_declined", _("This correction was declined."))
    at = at or clock.now()
    key = f"adj:{asked.pk}"
    book.expect_active()
    entry = _post(
        book, asked.points, by=asked.requester, reason=asked.reason, key=key, request=keys.digest(key), at=at
    )
    _note(asked, Adjustment.State.APPROVED, by=by, at=at, entry=entry)
    return entry


@transaction.atomic
def decline_adjustment(adjustment: Adjustment, *, by: Agent, at: datetime | None = None) -> Adjustment:
    """Say no to what somebody else asked for. Safe to repeat.

    Refused: `not_allowed` without the permission, `same_person`, `already_approved`.
    """
    _book, asked = _decide(adjustment, by)
    if asked.state == Adjustment.State.APPROVED:
        raise Refused("already_approved", _("This correction was approved."))
    if asked.state == Adjustment.State.ASKED:
        _note(asked, Adjustment.State.DECLINED, by=by, at=at or clock.now())
    return asked


def limit_of(account: Account, by: Agent) -> int:
    """How many points `by` adjusts alone on one account in 24 hours, as the programme says for the role."""
    if by.is_superuser or by.role == roles.ADMINISTRATOR:
        return account.programme.adjust_limit_administrator
    return account.programme.adjust_limit


def may_adjust_alone(account: Account, *, by: Agent, at: datetime) -> int:
    """What is left of that limit at `at`: given and taken count alike, and what a second person agreed to does not."""
    alone = account.entries.filter(
        kind=Entry.Kind.ADJUST, actor=by, posted_at__gt=at - WINDOW, adjustment__isnull=True
    )
    used = alone.aggregate(sum=Sum(Abs("points")))["sum"] or 0
    return max(0, limit_of(account, by) - used)


def _expect_sense(account: Account, points: int, *, by: Agent, reason: str) -> None:
    expect_right(by, ADJUST, account.brand_id)
    if not reason:
        raise Refused("reason_missing", _("An adjustment needs a reason."))
    if points == 0:
        raise Refused("nothing_to_adjust", _("An adjustment of 0 points changes nothing."))


def _request(account: Account, points: int, reason: str) -> str:
    return keys.digest("adjust", account.pk, points, reason)


def _decide(adjustment: Adjustment, by: Agent) -> tuple[Book, Adjustment]:
    """The book of the account and the request as it is under its lock; refused for whoever asked."""
    account = Account.objects.only("brand_id").get(adjustments=adjustment)
    expect_right(by, ADJUST, account.brand_id)
    book = Book.lock(account)
    asked = Adjustment.objects.select_related("requester", "entry").get(pk=adjustment.pk)
    if asked.requester_id == by.pk:
        raise Refused("same_person", _("Somebody else has to decide what you asked for."))
    return book, asked


def _note(
    asked: Adjustment, state: Adjustment.State, *, by: Agent, at: datetime, entry: Entry | None = None
) -> None:
    asked.state, asked.approver, asked.decided_at, asked.entry = state, by, at, entry
    asked.save(update_fields=["state", "approver", "decided_at", "entry"])


def _post(book: Book, points: int, *, by: Agent, reason: str, key: str, request: str, at: datetime) -> Entry:
    book.expire_first(at)
    if points < 0:
        book.expect_available(-points)
    entry = book.post(
        Entry.Kind.ADJUST, points, contra="adjust", key=key, request=request, at=at, by=by, reason=reason
    )
    if points > 0:
        book.open_lot(entry, months=book.account.programme.validity_months)
    else:
        book.use(entry, book.in_spending_order(), -points)
    book.keep()
    return entry
