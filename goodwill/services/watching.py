"""The radar at work: each night over what a brand gave, and every few minutes over what was given a moment ago."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef

from agents.models import Brand
from agents.telling import notify
from contactcenter import clock, keys
from goodwill.models import Finding, Request, Watch
from goodwill.radar.facts import (
    LATELY,
    LOOKS_BACK,
    Judged,
    Sign,
    gifts_of,
    judged_of,
    served_of,
    worked_of,
)
from goodwill.radar.merged import WITHIN, merged
from goodwill.radar.related import related
from goodwill.radar.whole import stand_out
from goodwill.services.findings import lookers_of

log = logging.getLogger(__name__)
NIGHT_FROM = 3  # o'clock in the time zone of the brand; later in the day it is made good
BRANDS_AT_ONCE = 5  # that one run looks at
# Looked at between nights: a gift and all that may follow within a day.
A_DAY = WITHIN + timedelta(hours=1)
A_MOMENT = timedelta(minutes=2)  # looked at right after somebody has given
LONG_AGO = datetime.min.replace(tzinfo=UTC)


def watch_nights(*, at: datetime | None = None) -> int:
    """Look at every brand whose night it is or was and that was not looked at since; how many those were.

    At most 5 at once. Each brand is a transaction of its own: what breaks off begins anew with the next run, and an
    error of ours stands before one brand and before no other. Nights in which nobody looked are made good by the next
    one: it looks 90 days back.
    """
    at, seen = at or clock.now(), 0
    nights = {brand: _night(brand, at) for brand in Brand.objects.order_by("pk")}
    looked_at = Watch.objects.filter(brand__in=nights, night__in=set(nights.values()))
    done = set(looked_at.values_list("brand", "night"))
    for brand, night in nights.items():
        if seen < BRANDS_AT_ONCE and (brand.pk, night) not in done:
            with _before_no_other(brand):
                _watch(brand, night, at)
                seen += 1
    return seen


def watch_recent(*, at: datetime | None = None, within: timedelta = A_DAY) -> int:
    """Look at what was asked for `within` the last time for what a single gift shows; how much was newly found.

    Repeating it adds nothing. What it misses the night finds.
    """
    at = at or clock.now()
    since = at - within
    lately = Request.objects.filter(brand=OuterRef("pk"), asked_at__gt=since, asked_at__lte=at)
    found = 0
    for brand in Brand.objects.filter(Exists(lately)).order_by("pk"):
        with _before_no_other(brand):
            found += _of_late(brand, since, at)
    return found


def watch_moment(*, at: datetime | None = None) -> int:
    """`watch_recent` for the last two minutes: cheap enough for every grant."""
    return watch_recent(at=at, within=A_MOMENT)


def look(brand: Brand, *, at: datetime) -> tuple[list[Sign], Judged, int]:
    """Everything that stands out in the last 90 days, when what was decided, and how many gifts were looked at.

    What somebody has decided about before counts no more. Two dozen questions at most, however many agents and gifts.
    """
    gifts = gifts_of(brand, since=at - LOOKS_BACK, at=at)
    judged = judged_of(brand, set().union(*(gift.people for gift in gifts)))
    worked = worked_of(brand, since=at - LATELY, at=at)
    served = partial(served_of, since=at - LOOKS_BACK)
    signs = [
        *stand_out(gifts, worked, served, judged, at=at),
        *_anew(related(gifts, brand.pk), judged),
        *_anew(merged(gifts, brand.pk), judged),
    ]
    return signs, judged, len(gifts)


@transaction.atomic
def write_down(
    brand: Brand, signs: Iterable[Sign], judged: Judged, *, at: datetime, whole: bool = True
) -> int:
    """Keep what stands out as findings and tell the supervisors of new ones; how many are new.

    An undecided finding of the same subject gets the evidence of today, where all of it was looked at (`whole`).
    """
    keys.claim(Finding, f"radar:{brand.pk}")  # two runs do not tell the same
    wanted = {_key(brand, sign, judged): sign for sign in signs}
    there = {row.key: row for row in Finding.objects.filter(key__in=wanted)}
    known = [row for row in there.values() if whole and row.decided_at is None]
    for row in known:
        row.evidence, row.seen_at = wanted[row.key].evidence, at
    Finding.objects.bulk_update(known, ["evidence", "seen_at"])
    new = [(key, sign) for key, sign in wanted.items() if key not in there]
    made = Finding.objects.bulk_create(
        Finding(
            brand=brand, kind=sign.kind, agent_id=sign.agent, customer_id=sign.customer, approver_id=sign.approver,
            evidence=sign.evidence, found_at=at, seen_at=at, key=key,
        )
        for key, sign in new
    )  # fmt: skip
    told = lookers_of(brand)
    for finding, (_known, sign) in zip(made, new, strict=True):
        newest = max(sign.gifts, key=lambda gift: gift.at)
        notify(
            [one for one in told if one.pk not in (sign.agent, sign.approver)], brand_id=brand.pk,
            kind="goodwill_finding", subject=f"{brand.code}-{newest.number}", key=f"finding:{finding.pk}", at=at,
            finding=finding.pk, what=sign.kind,
        )  # fmt: skip
    return len(made)


def _of_late(brand: Brand, since: datetime, at: datetime) -> int:
    gifts = gifts_of(brand, since=since, at=at)
    judged = judged_of(brand, set().union(*(gift.people for gift in gifts)))
    signs = [*related(gifts, brand.pk), *merged(gifts, brand.pk)]
    return write_down(brand, _anew(signs, judged), judged, at=at, whole=False)


@contextmanager
def _before_no_other(brand: Brand) -> Iterator[None]:
    """An error of ours stands before one brand: it is written down, and the others are looked at."""
    try:
        yield
    except Exception:
        log.exception("goodwill of brand %s was not looked at", brand.code)


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


def _anew(signs: Iterable[Sign], judged: Judged) -> list[Sign]:
    """The signs that rest on something given after the last decision about their subject."""
    return [one for one in signs if max(gift.at for gift in one.gifts) > judged.get(one.subject, LONG_AGO)]


def _key(brand: Brand, sign: Sign, judged: Judged) -> str:
    """Of what was found and since which decision: found again, it is the same."""
    other = sign.customer or sign.approver or sign.about
    since = judged.get(sign.subject)
    return f"{brand.pk}:{sign.kind}:{sign.agent}:{other}:{int(since.timestamp()) if since else 0}"
