"""Calls that save something: to members who are about to lose points or a tier, and who said we may call them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agents.models import Team
from callbacks.models import Callback, CallbackPolicy
from callbacks.services.booking import Asked
from callbacks.services.finding import first_window, phone_of
from callbacks.services.promising import More, promise
from contactcenter import clock
from contactcenter.errors import Refused
from contactcenter.sweeping import each
from customers.models import Consent, ContactPoint
from loyalty.at_stake import AtStake, points_at_stake, tiers_at_stake
from loyalty.models import Account, Programme
from loyalty.offers import offers
from loyalty.tier_windows import last_day_before
from tickets.models import Queue

AT_ONCE = 50  # calls that one run promises for a brand
SPARE = 50  # so many more are looked at, for those that cannot be promised
SOONEST = timedelta(days=5)  # so long before the end there is time for the call, and to do something after it
LEAST_LEFT = timedelta(days=1)  # of it after the call, however full the days before are
POINTS_WITHIN = timedelta(days=21)
TIER_WITHIN = timedelta(days=45)  # a tier takes longer to earn than points to spend
BEGINS, HOURS = time(9), 8  # of the member's day: the calls of a day are spread over them
DAYS_TRIED = 3


def save_members(*, at: datetime | None = None) -> int:
    """Promise the calls of the day for every brand, at most 50 each; how many. Each brand is a transaction of its own.

    Safe to repeat and to run twice at once: one run at a time works for a brand, a call is named by the group of lots
    or the end of the tier it is to save, and the day's number is counted anew each time.
    """
    at = at or clock.now()
    return each(_save_of, [(pk, at) for pk in Programme.objects.order_by("pk").values_list("pk", flat=True)])


@transaction.atomic
def _save_of(pk: int, at: datetime) -> int:
    programme = Programme.objects.select_related("brand").get(pk=pk)
    policy = CallbackPolicy.objects.of(programme.brand_id)
    team = _team(policy)
    if team is None or not (policy.saves_points_from or policy.saves_tiers) or not _alone(pk):
        return 0
    left = min(AT_ONCE, policy.saves_a_day - _made_today(programme, at))
    called: set[int] = set()
    for stake in _worth_a_call(programme, policy, at, left + SPARE) if left > 0 else []:
        customer = stake.account.customer_id
        if len(called) < left and customer not in called and _promise(stake, team, len(called), at):
            called.add(customer)
    return len(called)


def _team(policy: CallbackPolicy) -> Team | None:
    """Who calls: the brand's team for calls, else that of its default queue; without one nobody is called."""
    if policy.team:
        return policy.team
    queue = Queue.objects.filter(brand=policy.brand_id, is_default=True).select_related("team").first()
    return queue.team if queue else None


def _alone(pk: int) -> bool:
    """Whether no other run works for this brand; the next one waits until this transaction is over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"callbacks_save:{pk}"])
        return bool(cursor.fetchone()[0])


def _made_today(programme: Programme, at: datetime) -> int:
    """How many such calls were promised on the brand's local day. None lies before it, none 90 days behind it."""
    local = at.astimezone(ZoneInfo(programme.brand.time_zone))
    midnight = datetime.combine(local.date(), time(), tzinfo=local.tzinfo)
    rows = Callback.objects.filter(
        brand=programme.brand_id, window_from__gte=midnight, promised_at__gte=midnight
    )
    return rows.filter(source=Callback.Source.LEDGER).count()


def _worth_a_call(
    programme: Programme, policy: CallbackPolicy, at: datetime, limit: int
) -> Collection[AtStake]:
    """What is at stake for whom we may call, the most valuable first, without what a call was promised for already."""

    def among(accounts: QuerySet[Account]) -> QuerySet[Account]:
        return _to_be_called(accounts, at - timedelta(days=policy.saves_days_between))

    soonest, found = at + SOONEST, []
    if policy.saves_points_from:
        found += points_at_stake(
            programme, among, soonest=soonest, latest=at + POINTS_WITHIN, least=policy.saves_points_from,
            limit=limit,
        )  # fmt: skip
    if policy.saves_tiers:
        found += tiers_at_stake(
            programme, among, soonest=soonest, latest=at + TIER_WITHIN, limit=limit, at=at
        )
    known = Callback.objects.filter(key__in=[_key(stake) for stake in found]).values_list("key", flat=True)
    made = set(known)
    return sorted(
        (stake for stake in found if _key(stake) not in made),
        key=lambda stake: (-stake.points, stake.ends, stake.account.pk),
    )


def _to_be_called(accounts: QuerySet[Account], since: datetime) -> QuerySet[Account]:
    """Of these, members who said in so many words that we may call them, who have a number, and who were not called or
    promised a call `since`."""
    said = Consent.objects.filter(customer=OuterRef("customer"), purpose=Consent.Purpose.CALLS)
    newest = said.order_by("-recorded_at", "-pk").values("given")[:1]
    phones = ContactPoint.objects.filter(customer=OuterRef("customer"), kind=ContactPoint.Kind.PHONE)
    calls = Callback.objects.filter(
        customer=OuterRef("customer"), kind=Callback.Kind.CALL, window_from__gte=since
    )
    rows = accounts.annotate(may_be_called=Subquery(newest)).filter(may_be_called=True)
    return rows.filter(Exists(phones), ~Exists(calls), customer__merged_into=None)


def _key(stake: AtStake) -> str:
    return f"save:{stake.key}"


def _promise(stake: AtStake, team: Team, turn: int, at: datetime) -> bool:
    """Promise the call in the first window there is on one of the next days; False where there is none in time."""
    customer = stake.account.customer
    phone = phone_of(customer)
    asked = Asked(customer, team=team, point=phone)
    zone = asked.place.zone
    tomorrow = at.astimezone(zone).date() + timedelta(days=1)
    about, notes = _words(stake, at)
    for day in range(DAYS_TRIED):
        begins = datetime.combine(tomorrow + timedelta(days=day), BEGINS, tzinfo=zone)
        window = first_window(asked, begins + timedelta(hours=turn % HOURS), at=at)
        if window is None or window[1] > stake.ends - LEAST_LEFT:
            return False
        try:
            with transaction.atomic():
                promise(
                    customer, window, by=None, reason=about, key=_key(stake), contact_point=phone, at=at,
                    more=More(notes=notes, team=team, source=Callback.Source.LEDGER),
                )  # fmt: skip
        except Refused:
            continue
        return True
    return False


def _words(stake: AtStake, at: datetime) -> tuple[str, str]:
    """What the call is about, and what is at stake in figures, for whoever makes it."""
    account, programme = stake.account, stake.account.programme
    day = date_format(last_day_before(stake.ends, programme.zone), "LONG_DATE")
    figures = {"points": intcomma(stake.points), "day": day, "balance": intcomma(account.available)}
    if stake.tier is None:
        figures["worth"] = f"{account.worth(stake.points) / 100:,.2f} {account.customer.brand.currency}"
        lines = [_("%(points)s of %(balance)s points end after %(day)s; they are worth %(worth)s.") % figures]
        reached = [offer for offer in offers(account, at=at) if offer.is_within_reach]
        if reached:
            dearest = max(reached, key=lambda offer: offer.points)
            price = {"reward": dearest.reward.name, "price": intcomma(dearest.points)}
            lines.append(_("They would be enough for %(reward)s (%(price)s points).") % price)
        return _("%(points)s points end after %(day)s") % figures, "\n".join(lines)
    figures |= {"tier": stake.tier.name, "lower": stake.falls_to.name if stake.falls_to else _("no tier")}
    lines = [_("%(tier)s falls to %(lower)s after %(day)s.") % figures]
    if stake.missing.points:
        lines.append(_("%s more points keep it.") % intcomma(stake.missing.points))
    if stake.missing.spend_minor:
        worth = f"{stake.missing.spend_minor / 100:,.2f} {account.customer.brand.currency}"
        lines.append(_("Orders of %s more keep it.") % worth)
    if stake.missing.orders:
        lines.append(_("%s more orders keep it.") % stake.missing.orders)
    lines.append(_("%(balance)s points are there to spend.") % figures)
    return _("%(tier)s ends after %(day)s") % figures, "\n".join(lines)
