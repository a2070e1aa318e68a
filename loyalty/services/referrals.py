"""Writing down who brought whom. Points for it follow the friend's first paid order: `referral_points`."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock, keys
from contactcenter.errors import Refused
from customers.contact import Kind, mailbox
from customers.models import ContactPoint, Order
from customers.services.history import SERVE
from loyalty.models import Account, Referral
from loyalty.services.vouchers import SIGNS

CODE_LENGTH = 10
HEIRS = """
WITH RECURSIVE chain AS (
    SELECT id AS own, id, merged_into_id FROM loyalty_account WHERE id = ANY (%s)
    UNION ALL SELECT own, a.id, a.merged_into_id FROM chain JOIN loyalty_account a ON a.id = chain.merged_into_id
)
SELECT own, id FROM chain WHERE merged_into_id IS NULL
"""


def new_code() -> str:
    """A code for a member, as the database draws one where nobody brings it."""
    return "".join(secrets.choice(SIGNS) for _sign in range(CODE_LENGTH))


def referrer_named(brand_id: int, said: str) -> tuple[Account, str]:
    """The member of the brand whom a loyalty number or a code names, however it is written, and by which of them.

    Refused: `unknown_referrer`.
    """
    members = Account.objects.filter(programme__brand=brand_id)
    if found := members.filter(number=said.strip().upper()[:20]).first():
        return found, Referral.Way.NUMBER
    code = "".join(sign for sign in said.upper() if sign.isalnum())
    if len(code) == CODE_LENGTH and (found := members.filter(referral_code=code).first()):
        return found, Referral.Way.CODE
    sentence = _("No member of this brand has the loyalty number or code “%s”.")
    raise Refused("unknown_referrer", sentence % said.strip()[:40])


@transaction.atomic
def record_referral(
    friend: Account,
    referrer: Account,
    *,
    key: str,
    way: str = Referral.Way.NUMBER,
    by: Agent | None = None,
    at: datetime | None = None,
) -> Referral:
    """Write down that `referrer` brought `friend`: the one who was named, also where their account was merged.

    What is asked of who brings is asked of the account that has the points now, too; it gets those for the referral
    if it still has them on that day. The same again is answered with what is there. Refused: `not_allowed` for a `by`
    without the right, `other_brand`, `key_conflict`, `brought_already` by somebody else, `account_not_active`
    (either), `one_person` (one account, or addresses in common), `member_before` (who brings somebody has been a
    member for longer, so that no circle can be), `bought_before`.
    """
    if by is not None:
        expect_right(by, SERVE, friend.brand_id)
    if friend.brand_id != referrer.brand_id:
        raise Refused("other_brand", _("These accounts are of two brands."))
    chain = heirs_of(referrer)
    accounts = lock_accounts({friend.pk, *chain})
    friend, named, heir = (accounts[pk] for pk in (friend.pk, chain[0], chain[-1]))
    keys.claim(Referral, key)
    if earlier := Referral.objects.filter(Q(friend=friend) | Q(key=key)).first():
        return _same(earlier, friend, heir)
    _expect_active(friend, heir)
    _expect_two_people(friend, heir)
    _expect_new(friend, named, heir)
    return Referral.objects.create(
        brand_id=friend.brand_id, referrer=named, friend=friend, way=way, key=key, by=by,
        recorded_at=at or clock.now(),
    )  # fmt: skip


def heirs_of(account: Account) -> list[int]:
    """The ids of the account and of those that its points went to by merges, the one that has them now last."""
    chain = [account.pk]
    while following := Account.objects.filter(pk=chain[-1]).values_list("merged_into", flat=True).first():
        chain.append(following)
    return chain


def heirs_by_account(accounts: Collection[int]) -> dict[int, int]:
    """Which account (id) has the points of each of these (ids) now."""
    with connection.cursor() as cursor:
        cursor.execute(HEIRS, [list(accounts)])
        return dict(cursor.fetchall())


def lock_accounts(ids: set[int]) -> dict[int, Account]:
    """These accounts by id, with programme and tier, locked in the order of the house."""
    rows = Account.objects.select_for_update(of=("self",)).select_related("programme", "tier")
    return {account.pk: account for account in rows.filter(pk__in=ids).order_by("pk")}


def _same(earlier: Referral, friend: Account, heir: Account) -> Referral:
    if earlier.friend_id != friend.pk:
        raise keys.conflict()
    if heir.pk != heirs_of(earlier.referrer)[-1]:
        sentence = _("%s was brought by another member already.")
        raise Refused("brought_already", sentence % friend.number)
    return earlier


def _expect_active(*accounts: Account) -> None:
    for account in accounts:
        if account.status != Account.Status.ACTIVE:
            sentence = _("Account %s is not active, so it takes no part in this.")
            raise Refused("account_not_active", sentence % account.number)


def _expect_two_people(friend: Account, referrer: Account) -> None:
    """Refuse one account, and two whose people have or had an address in common, by whatever writing."""
    if friend.pk != referrer.pk and not _addresses(friend) & _addresses(referrer):
        return
    raise Refused("one_person", _("Nobody brings themselves: both are one account, or share an address."))


def _addresses(account: Account) -> set[tuple[str, str]]:
    """What has ever reached the member or those whose accounts came to be this one; mail by its mailbox."""
    people = Q(customer=account.customer_id) | Q(customer__account__merged_into=account)
    rows = ContactPoint.ever.filter(people).values_list("kind", "value")
    return {(kind, mailbox(value) if kind == Kind.MAIL else value) for kind, value in rows}


def _expect_new(friend: Account, *referrers: Account) -> None:
    referrer = max(referrers, key=lambda account: (account.joined_at, account.pk))
    if (referrer.joined_at, referrer.pk) > (friend.joined_at, friend.pk):
        sentence = _("%(friend)s has been a member for longer than %(referrer)s.")
        numbers = {"friend": friend.number, "referrer": referrer.number}
        raise Refused("member_before", sentence % numbers)
    if Order.objects.filter(customer=friend.customer_id).exists():
        raise Refused("bought_before", _("They have ordered before, so nobody can bring them any more."))
