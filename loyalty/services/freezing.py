"""Accounts on which nothing moves until somebody has looked."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Refused
from loyalty.models import Account, AccountEvent
from loyalty.services.book import Book


def freeze(account: Account, *, by: Agent, reason: str, at: datetime | None = None) -> Account:
    """Let no points be given, held or spent on this account; refunds and expiry go on. A repeat changes nothing.

    Refused: `not_allowed` without the right, `reason_missing`, `account_not_active` when it is merged or closed.
    """
    return _turn(account, Account.Status.ACTIVE, Account.Status.FROZEN, by=by, reason=reason, at=at)


def unfreeze(account: Account, *, by: Agent, reason: str, at: datetime | None = None) -> Account:
    """Let points move again. Refused as `freeze`; an account that is active already stays so."""
    return _turn(account, Account.Status.FROZEN, Account.Status.ACTIVE, by=by, reason=reason, at=at)


@transaction.atomic
def _turn(account: Account, old: str, new: str, *, by: Agent, reason: str, at: datetime | None) -> Account:
    expect_right(by, "loyalty.freeze_account", account.brand_id)
    if not reason:
        raise Refused("reason_missing", _("Say why."))
    locked = Book.lock(account).account
    if locked.status == new:
        return locked
    if locked.status != old:
        raise Refused("account_not_active", _("This account is %s.") % locked.get_status_display())
    locked.status = new
    locked.save(update_fields=["status"])
    frozen = new == Account.Status.FROZEN
    kind = AccountEvent.Kind.FROZEN if frozen else AccountEvent.Kind.UNFROZEN
    AccountEvent.objects.create(
        brand_id=locked.brand_id, account=locked, kind=kind, reason=reason, actor=by, at=at or clock.now()
    )
    return locked
