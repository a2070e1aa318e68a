"""What becomes of memberships when two customers become one, and when they become two again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from customers.models import Merge, Order
from customers.services import Item, MergeStep, Place, Undoing, bring_back, take_along, write_down
from loyalty.models import Account, Entry, Hold, PendingGrant
from loyalty.services import pending
from loyalty.services.giving import earn
from loyalty.services.orders import earn_key, earned_by
from loyalty.services.referral_points import key_again
from loyalty.services.reversing import reverse
from loyalty.services.tier_floors import lift_floors
from loyalty.services.transferring import merge_accounts
from loyalty.services.unmerging import REASON, Moved, part_accounts

NAME = "loyalty"
FOLLOW = ("issue.order", "issue.goodwill")  # where the order goes, or the ticket, there its points go
SPENDS = (Entry.Kind.REDEEM, Entry.Kind.ADJUST)


def merge_memberships(merge: Merge) -> dict[str, Any]:
    """Two accounts become one; the only one there is follows, with its number."""
    mine, theirs = _account(merge.kept_id), _account(merge.merged_id)
    if theirs is None or theirs.status == Account.Status.MERGED:
        return {"account": mine.pk, "seq": mine.version} if mine else {}
    if mine is None:
        take_along(merge, Account)
        return {"followed": theirs.pk, "seq": theirs.version}
    write_down(merge, Hold, _ids(theirs.holds.filter(state=Hold.State.OPEN)))
    write_down(merge, PendingGrant, _ids(theirs.pending_grants.filter(is_open=True)))
    floors = set(_ids(mine.tier_floors.all()))
    facts = {
        "account": mine.pk,
        "loser": theirs.pk,
        "before": mine.version,
        "tier": mine.tier_id,
        "tier_until": mine.tier_valid_until.isoformat() if mine.tier_valid_until else None,
    }
    merge_accounts(theirs, mine, by=merge.by, key=f"merge:{merge.pk}", at=merge.at)
    mine = Account.objects.get(pk=mine.pk)
    return facts | {
        "seq": mine.version,
        "grant": _last_grant(mine),
        "floors": sorted({*_ids(mine.tier_floors.all())} - floors),
    }


def memberships_since(merge: Merge) -> Iterator[Item]:
    """Points that were spent since, and those given since for nothing that is asked about itself."""
    facts = merge.facts.get(NAME, {})
    if "loser" not in facts:
        return
    entries = Entry.objects.filter(account=facts["account"], seq__gt=facts["seq"])
    for entry in entries.filter(kind__in=SPENDS, points__lt=0).order_by("seq"):
        if _left(entry):
            yield Item(f"entry:{entry.pk}", _("Points spent"), _words(entry), entry.occurred_at)
    for entry in entries.filter(kind=Entry.Kind.EARN).exclude(contra__in=FOLLOW).order_by("seq"):
        if _left(entry):
            yield Item(f"entry:{entry.pk}", _("Points given"), _words(entry), entry.occurred_at)
    for grant in _gifts_since(facts):
        yield Item(
            f"grant:{grant.pk}", _("Points given"), f"{grant.points:+d}, {grant.source}", grant.occurred_at
        )


def unmerge_memberships(undoing: Undoing) -> None:
    """The account goes back, or what came along with it; the points of orders go where the orders went."""
    merge, facts = undoing.merge, undoing.merge.facts.get(NAME, {})
    if "followed" in facts:
        bring_back(merge, Account)
        return
    if "account" not in facts:
        return
    loser = Account.objects.get(pk=facts["loser"]) if "loser" in facts else None
    winner = Account.objects.get(pk=facts["account"])
    if loser:
        moved = Moved(facts["before"], _moved(merge, Hold), _moved(merge, PendingGrant))
        asked = Entry.objects.filter(account=winner, seq__gt=facts["seq"])
        spends = {
            pk: undoing.goes_back(f"entry:{pk}") for pk in _ids(asked.filter(kind__in=SPENDS, points__lt=0))
        }
        loser, winner = part_accounts(
            loser, winner, moved, spends, by=undoing.by, key=f"unmerge:{merge.pk}", at=undoing.at
        )
        for entry in asked.filter(kind=Entry.Kind.EARN).exclude(contra__in=FOLLOW).order_by("seq"):
            if undoing.goes_back(f"entry:{entry.pk}"):
                hand_gift(undoing, entry, loser, key=key_again(entry))
        for grant in _gifts_since(facts):
            if undoing.goes_back(f"grant:{grant.pk}"):
                pending.hand_over(grant, loser)
    _hand_orders(undoing, winner, loser)
    if loser:
        lift_floors(Account.objects.get(pk=winner.pk), facts, by=undoing.by, at=undoing.at)


def hand_gift(
    undoing: Undoing, entry: Entry, to: Account | None, *, key: str = "", months: int | None = None
) -> Entry | None:
    """Take back what is left of a gift and give it to the one who comes back, at the instant it was earned.

    Gives the new entry; None where nothing is left, or `to` is None: who is no member has no points.
    """
    points = _left(entry)
    if not points:
        return None
    counted = entry.qualifying + (entry.reversals.aggregate(sum=Sum("qualifying"))["sum"] or 0)
    taken = reverse(
        entry.account, entry, points, by=undoing.by, key=f"unmerge:{undoing.merge.pk}:{entry.pk}", at=undoing.at,
        qualifying=counted, source=entry.source, reason=REASON,
    )  # fmt: skip
    if to is None or taken is None or not taken.points:
        return None
    return earn(
        to, -taken.points, contra=entry.contra, by=undoing.by, key=key or f"back:{undoing.merge.pk}:{entry.pk}",
        at=entry.occurred_at, qualifying=counted, months=months, source=entry.source, reason=entry.reason,
        breakdown=dict(entry.breakdown),
    )  # fmt: skip


def _hand_orders(undoing: Undoing, winner: Account, loser: Account | None) -> None:
    """What orders of the one who comes back earned on the winner's account goes along, and counts there."""
    seq = undoing.merge.facts[NAME].get("before", undoing.merge.facts[NAME]["seq"])
    entries = winner.entries.filter(seq__gt=seq, kind=Entry.Kind.EARN, contra="issue.order").order_by("seq")
    grants = winner.pending_grants.filter(is_open=True).order_by("pk")
    theirs = _orders_of(undoing.merge.merged_id, [row.source for row in (*entries, *grants)])
    for entry in entries:
        if order := theirs.get(entry.source):
            hand_gift(undoing, entry, loser, key=f"{earn_key(order)}:{len(earned_by(order))}")
    for grant in grants:
        if grant.source in theirs:
            pending.hand_over(grant, loser)


def _orders_of(customer: int, sources: list[str]) -> Mapping[str, Order]:
    """Those of the orders that these sources name which are this customer's (id), by the source."""
    numbers = [source.removeprefix("order:") for source in sources if source.startswith("order:")]
    rows = Order.objects.filter(customer=customer, number__one_of=numbers)
    return {f"order:{order.number}": order for order in rows}


def _gifts_since(facts: Mapping[str, Any]) -> Any:
    """What is pending for the winner since the merge and comes from no order of theirs."""
    rows = PendingGrant.objects.filter(account=facts["account"], is_open=True, pk__gt=facts.get("grant", 0))
    return rows.exclude(contra__in=FOLLOW).order_by("pk")


def _last_grant(account: Account) -> int:
    return account.pending_grants.order_by("-pk").values_list("pk", flat=True).first() or 0


def _account(customer: int) -> Account | None:
    return Account.objects.filter(customer=customer).first()


def _ids(rows: Any) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _moved(merge: Merge, table: Any) -> list[int]:
    return list(merge.rows.filter(table=table._meta.db_table).values_list("row", flat=True))


def _left(entry: Entry) -> int:
    """How many points of an entry are not undone."""
    return abs(entry.points + (entry.reversals.aggregate(sum=Sum("points"))["sum"] or 0))


def _words(entry: Entry) -> str:
    return f"{entry.points:+d}, {entry.source or entry.get_kind_display()}"


def accounts_of(people: Any) -> Any:
    """What a merge locks: the accounts of both, and those that have their points."""
    return Account.objects.filter(customer__in=people)


STEP = MergeStep(
    name=NAME,
    merge=merge_memberships,
    unmerge=unmerge_memberships,
    since=memberships_since,
    locks=[(Place.ACCOUNTS, accounts_of)],
)
