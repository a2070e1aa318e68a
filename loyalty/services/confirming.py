"""Rewards that the customer confirms by a code: held first, taken when the code comes back, else let go."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

import customers.services
from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Refused
from customers import codes
from customers.models import ContactPoint
from customers.services.verifying import wrong_code
from customers.verification import CODE_LIVES, CODE_TRIES
from loyalty.models import Account, Hold, Redemption, Reward
from loyalty.services.book import Book
from loyalty.services.holding import capture, hold, release
from loyalty.services.vouchers import give_back, give_voucher

PURPOSE = "loyalty.redemption"
REDEEM = "loyalty.redeem_points"
State = Redemption.State


def is_needed(account: Account, points: int, by: Agent | None) -> bool:
    """Whether the customer confirms a spend of `points` that somebody else makes for them."""
    limit = account.programme.confirm_above
    return by is not None and limit is not None and points > limit


def ask(
    account: Account, reward: Reward, points: int, *, by: Agent, key: str, request: str, at: datetime
) -> Redemption:
    """Hold the points and send a code to a verified address; `account` is locked, one is taken from the stock.

    Refused: `no_verified_address`, and what `hold` refuses.
    """
    mails = ContactPoint.objects.filter(customer=account.customer_id, kind=ContactPoint.Kind.MAIL)
    point = mails.filter(verified_at__isnull=False).order_by("verified_at").last()
    if point is None:
        raise Refused(
            "no_verified_address",
            _(
                "Above %(points)d points the customer confirms with a code, and none of their e-mail addresses is "
                "verified. Verify one on the customer's page first."
            )
            % {"points": account.programme.confirm_above},
        )
    until = at + CODE_LIVES
    held = hold(
        account, points, by=by, key=f"reward:{key}", until=until, at=at, source=f"reward:{reward.code}"
    )
    redemption = Redemption.objects.create(
        brand_id=account.brand_id,
        account=account,
        reward=reward,
        points=points,
        state=State.WAITING,
        hold=held,
        nonce=codes.new_nonce(),
        by=by,
        key=key,
        request_hash=request,
        asked_at=at,
    )
    context = {"redemption": redemption.pk, "points": points, "reward": reward.name}
    customers.services.write_notice(
        point, "redeem_code", key=notice_key(redemption), context=context, at=at, until=until
    )
    return redemption


def notice_key(redemption: Redemption) -> str:
    """The key of the letter that carries the code."""
    return f"confirm:{redemption.pk}"


def code_of(redemption: Redemption) -> str:
    """The six digits of a redemption; they stand in no row."""
    return codes.digits(PURPOSE, redemption.nonce)


def confirm(redemption: Redemption, code: str, *, by: Agent, at: datetime | None = None) -> Redemption:
    """Take what was held, with the `code` that the customer read out; twice does nothing.

    A wrong code counts though it is refused: call it outside of any transaction. Refused: `not_allowed`,
    `wrong_code` with the tries that are left, `too_many_tries` and `code_over`, after which the points are
    free again, `not_waiting`.
    """
    expect_right(by, REDEEM, redemption.brand_id)
    with transaction.atomic():
        redemption, refusal = _try(redemption, code, by=by, at=at or clock.now())
    if refusal:
        raise refusal
    return redemption


@transaction.atomic
def withdraw(redemption: Redemption, *, by: Agent, at: datetime | None = None) -> Redemption:
    """Ask for no code any more: points and stock are free again. Twice does nothing. Refused: `not_waiting`."""
    expect_right(by, REDEEM, redemption.brand_id)
    redemption = locked(redemption)
    if redemption.state == State.LAPSED:
        return redemption
    _expect_waiting(redemption)
    _lapse(redemption, by=by, at=at or clock.now())
    return redemption


@transaction.atomic
def let_go(hold: Hold, *, by: Agent, at: datetime | None = None) -> Hold:
    """Free what is held, also the reward that waits for it. Safe to repeat.

    Refused: `not_allowed`, `hold_is_over` when it was captured.
    """
    waiting = Redemption.objects.filter(hold=hold, state=State.WAITING).first()
    if waiting is None:
        return release(hold, by=by, at=at)
    withdraw(waiting, by=by, at=at)
    return Hold.objects.get(pk=hold.pk)


@transaction.atomic
def lapse_next(*, at: datetime | None = None) -> bool:
    """Let go what one account has waiting beyond its time; an account nobody else works on. False: none left."""
    at = at or clock.now()
    over = Redemption.objects.filter(state=State.WAITING, hold__expires_at__lte=at)
    waiting = Account.objects.filter(pk__in=over.values("account")).order_by("pk")
    account = waiting.select_for_update(skip_locked=True, of=("self",)).first()
    if account is None:
        return False
    for redemption in over.filter(account=account):
        _lapse(locked(redemption), by=None, at=at)
    return True


def locked(redemption: Redemption) -> Redemption:
    """The redemption as it is, under the lock of its account."""
    if redemption.account is not None:  # who is no member has no account, and was given it
        Book.lock(redemption.account)
    rows = Redemption.objects.select_related("reward__programme", "hold", "account__programme", "entry")
    return rows.get(pk=redemption.pk)


def _try(redemption: Redemption, code: str, *, by: Agent, at: datetime) -> tuple[Redemption, Refused | None]:
    redemption = locked(redemption)
    if redemption.state == State.POSTED:
        return redemption, None
    _expect_waiting(redemption)
    assert redemption.hold  # noqa: S101  the database holds a waiting one to it
    if redemption.hold.state != Hold.State.OPEN or redemption.hold.expires_at <= at:
        _lapse(redemption, by=by, at=at)
        return redemption, Refused("code_over", _("The time of this code is over. Begin again."))
    redemption.tries += 1
    if not codes.is_right(code, PURPOSE, redemption.nonce):
        return redemption, _wrong(redemption, by=by, at=at)
    redemption.entry = capture(redemption.hold, by=by, key=notice_key(redemption), at=at)
    redemption.state = State.POSTED
    redemption.save(update_fields=["tries", "entry", "state"])
    give_voucher(redemption, at)
    return redemption, None


def _wrong(redemption: Redemption, *, by: Agent, at: datetime) -> Refused:
    redemption.save(update_fields=["tries"])
    left = CODE_TRIES - redemption.tries
    if left <= 0:
        _lapse(redemption, by=by, at=at)
        return Refused("too_many_tries", _("That was the last try; the points are free again. Begin again."))
    return wrong_code(left)


def _expect_waiting(redemption: Redemption) -> None:
    if redemption.state != State.WAITING:
        raise Refused("not_waiting", _("This reward does not wait for a code any more."))


def _lapse(redemption: Redemption, *, by: Agent | None, at: datetime) -> None:
    if redemption.state != State.WAITING:
        return
    if redemption.hold and redemption.hold.state == Hold.State.OPEN:
        release(redemption.hold, by=by, at=at)
    give_back(redemption.reward)
    redemption.state, redemption.ended_at = State.LAPSED, at
    redemption.save(update_fields=["state", "ended_at"])
