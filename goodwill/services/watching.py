"""The radar at work: each night over what a brand gave, and every few minutes over what was given a moment ago."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from django.db import transaction

from agents import roles
from agents.models import Agent, Brand
from agents.telling import notify, supervisors_of
from contactcenter import clock, keys
from goodwill.models import Finding, Request, Watch
from goodwill.radar import pairs, peers, shares
from goodwill.radar.facts import LATELY, LOOKS_BACK, Gift, Sign, gifts_of, judged_of, served_of, worked_of
from goodwill.radar.merged import WITHIN, merged
from goodwill.radar.related import related

NIGHT_FROM = 3  # o'clock in the time zone of the brand; later in the day it is made good
BRANDS_AT_ONCE = 5  # that one run looks at
A_DAY = WITHIN + timedelta(hours=1)  # looked at between nights: a gift and what may follow within a day
A_MOMENT = timedelta(minutes=2)  # looked at right after somebody has given
LONG_AGO = datetime.min.replace(tzinfo=UTC)

Judged = dict[tuple[str, int, int | None, int | None], datetime]


def watch_nights(*, at: datetime | None = None) -> int:
    """Look at every brand whose night it is or was and that was not looked at since; how many those were.

    At most 5 at once. Each brand is a transaction of its own: what breaks off begins anew with the next run.
    """
    at = at or clock.now()
    nights = {brand: _night(brand, at) for brand in Brand.objects.order_by("pk")}
    done = set(Watch.objects.filter(night__in=set(nights.values())).values_list("brand", "night"))
    due = [brand for brand, night in nights.items() if (brand.pk, night) not in done]
    for brand in due[:BRANDS_AT_ONCE]:
        _watch(brand, nights[brand], at)
    return len(due[:BRANDS_AT_ONCE])


def watch_recent(*, at: datetime | None = None, within: timedelta = A_DAY) -> int:
    """Look at what was asked for `within` the last time for what a single gift shows; how much was newly found.

    Repeating it adds nothing. What it misses the night finds.
    """
    at = at or clock.now()
    since = at - within
    lately = Request.objects.filter(asked_at__gt=since, asked_at__lte=at)
    brands = Brand.objects.filter(pk__in=lately.order_by().values("brand")).order_by("pk")
    found = 0
    for brand in brands:
        gifts = gifts_of(brand, since=since, at=at)
        judged = judged_of(brand, {gift.agent for gift in gifts})
        signs = [*related(gifts, brand.pk), *merged(gifts, brand.pk)]
        found += write_down(brand, _anew(signs, judged), judged, at=at)
    return found


def watch_moment(*, at: datetime | None = None) -> int:
    """`watch_recent` for the last two minutes: cheap enough for every grant."""
    return watch_recent(at=at, within=A_MOMENT)


def look(brand: Brand, *, at: datetime) -> tuple[list[Sign], Judged, int]:
    """Everything that stands out in the last 90 days, when what was decided, and how many gifts were looked at.

    What somebody has decided about before counts no more. Some twenty questions, however many agents and gifts.
    """
    gifts = gifts_of(brand, since=at - LOOKS_BACK, at=at)
    judged = judged_of(brand, {gift.agent for gift in gifts})
    worked = worked_of(brand, since=at - LATELY, at=at)

    def lately(kind: str) -> list[Gift]:
        return [one for one in _unjudged(gifts, kind, judged) if one.at > at - LATELY]

    rates = pairs.rates_of([one for one in gifts if one.at > at - LATELY], worked)
    again = _unjudged(gifts, Finding.Kind.ONE_CUSTOMER, judged)
    served = served_of(pairs.repeated(again), since=at - LOOKS_BACK)
    signs = [
        *shares.silent(lately(Finding.Kind.SILENT)),
        *shares.alone(lately(Finding.Kind.ALONE)),
        *shares.new_accounts(lately(Finding.Kind.NEW_ACCOUNTS)),
        *shares.just_under(lately(Finding.Kind.JUST_UNDER)),
        *shares.split(_unjudged(gifts, Finding.Kind.SPLIT, judged)),
        *pairs.one_customer(again, served, rates),
        *pairs.each_other(_unjudged(gifts, Finding.Kind.EACH_OTHER, judged)),
        *peers.above_peers(lately(Finding.Kind.ABOVE_PEERS), worked),
        *_anew(related(gifts, brand.pk), judged),
        *_anew(merged(gifts, brand.pk), judged),
    ]
    return signs, judged, len(gifts)


@transaction.atomic
def write_down(brand: Brand, signs: Iterable[Sign], judged: Judged, *, at: datetime) -> int:
    """Keep what stands out as findings and tell the supervisors of new ones; how many are new.

    An undecided finding of the same subject gets the evidence of today.
    """
    keys.claim(Finding, f"radar:{brand.pk}")  # two runs do not tell the same
    wanted = {_key(brand, sign, judged): sign for sign in signs}
    there = {row.key: row for row in Finding.objects.filter(key__in=wanted)}
    for key, row in there.items():
        if row.decided_at is None:
            row.evidence, row.seen_at = wanted[key].evidence, at
            row.save(update_fields=["evidence", "seen_at"])
    new = [(key, sign) for key, sign in wanted.items() if key not in there]
    made = Finding.objects.bulk_create(
        Finding(
            brand=brand, kind=sign.kind, agent_id=sign.agent, customer_id=sign.customer, approver_id=sign.approver,
            evidence=sign.evidence, found_at=at, seen_at=at, key=key,
        )
        for key, sign in new
    )  # fmt: skip
    told = _told_of(brand)
    for finding, (_known, sign) in zip(made, new, strict=True):
        newest = max(sign.gifts, key=lambda gift: gift.at)
        notify(
            [one for one in told if one.pk not in (sign.agent, sign.approver)], brand_id=brand.pk,
            kind="goodwill_finding", subject=f"{brand.code}-{newest.number}", key=f"finding:{finding.pk}", at=at,
            finding=finding.pk, what=sign.kind,
        )  # fmt: skip
    return len(made)


@transaction.atomic
def _watch(brand: Brand, night: date, at: datetime) -> None:
    keys.claim(Watch, f"{brand.pk}:{night}")
    if Watch.objects.filter(brand=brand, night=night).exists():
        return
    signs, judged, gifts = look(brand, at=at)
    found = write_down(brand, signs, judged, at=at)
    Watch.objects.create(brand=brand, night=night, at=at, gifts=gifts, found=found)


def _night(brand: Brand, at: datetime) -> date:
    """The day whose night is over: today from 3 o'clock on, before that yesterday."""
    zone = clock.zone(brand.time_zone)
    return (at.astimezone(zone) - timedelta(hours=NIGHT_FROM)).date()


def _told_of(brand: Brand) -> list[Agent]:
    """The supervisors; where there is only one, or none, the administrators too: one of them may be concerned."""
    told = supervisors_of(brand)
    if len(told) <= 1:
        above = Agent.objects.serving(brand).filter(groups__name=roles.ADMINISTRATOR)
        told += [one for one in above.distinct().order_by("pk") if one not in told]
    return told


def _unjudged(gifts: Iterable[Gift], kind: str, judged: Judged) -> list[Gift]:
    """The gifts about which nobody has decided in this respect: of the agent alone, or of them and somebody else."""
    return [
        one
        for one in gifts
        if not any(one.at <= judged[key] for key in _subjects(one, kind) if key in judged)
    ]


def _subjects(gift: Gift, kind: str) -> list[tuple[str, int, int | None, int | None]]:
    one = gift.agent
    if kind == Finding.Kind.EACH_OTHER:
        pairs_of = [sorted((one, other)) for other in (gift.approver, gift.second) if other is not None]
        return [(kind, first, None, last) for first, last in pairs_of]
    return [(kind, one, gift.customer if kind == Finding.Kind.ONE_CUSTOMER else None, None)]


def _anew(signs: Iterable[Sign], judged: Judged) -> list[Sign]:
    """The signs that rest on something given after the last decision about their subject."""
    return [one for one in signs if max(gift.at for gift in one.gifts) > judged.get(one.subject, LONG_AGO)]


def _key(brand: Brand, sign: Sign, judged: Judged) -> str:
    """Of what was found and since which decision: found again, it is the same."""
    other = sign.customer or sign.approver or sign.about
    since = judged.get(sign.subject)
    return f"{brand.pk}:{sign.kind}:{sign.agent}:{other}:{int(since.timestamp()) if since else 0}"
