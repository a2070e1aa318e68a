"""The statement of each month, by mail, to the members who want it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

import customers.services
from contactcenter import clock
from customers.models import Consent, ContactPoint, Notice
from loyalty.models import Account, Programme, StatementRun
from loyalty.statements import Period

AT_A_TIME = 200  # customers of one transaction
WANTED = Consent.Purpose.STATEMENT


def begin_statements(*, at: datetime | None = None) -> None:
    """Begin the statements of the month that is over in a programme's zone by `at`, each month once.

    The first time after local midnight of a month's first day; a clock that stood still makes up for the last month.
    """
    at = at or clock.now()
    for programme in Programme.objects.order_by("pk"):
        last_day = at.astimezone(programme.zone).date().replace(day=1) - timedelta(days=1)
        StatementRun.objects.get_or_create(
            programme=programme,
            month=last_day.replace(day=1),
            defaults={"brand_id": programme.brand_id, "begun_at": at},
        )


@transaction.atomic
def write_some_statements(*, at: datetime | None = None, most: int = AT_A_TIME) -> int | None:
    """Write the letters of the next `most` customers of a month that nobody works on; gives how many, None: all done.

    How far it came is kept with the letters, in one transaction: after a crash the next one goes on from there. A
    letter's key names account and month. Only active members of that month who said so, have a mail address and have
    not left the programme.
    """
    at = at or clock.now()
    runs = StatementRun.objects.filter(done_at=None).select_for_update(skip_locked=True, of=("self",))
    run = runs.select_related("programme").order_by("month", "pk").first()
    if run is None:
        return None
    people = next_people(run, most)
    period = Period.of_month(run.month, run.programme)
    accounts = _members(run, people, joined_before=period.end)
    points = _mail_of([account.customer_id for account in accounts])
    letters = [
        _letter(account, points[account.customer_id], run, at)
        for account in accounts
        if account.customer_id in points
    ]
    written = customers.services.write_notices(letters)
    run.after, run.letters = people[-1] if people else run.after, run.letters + written
    run.done_at = at if len(people) < most else None
    run.save(update_fields=["after", "letters", "done_at"])
    return written


def next_people(run: StatementRun, most: int = AT_A_TIME) -> list[int]:
    """The next customers (ids) of the brand who ever wanted statements, by an index of those alone."""
    said = Consent.objects.filter(
        brand=run.brand_id, purpose=WANTED, given=True, customer__gt=run.after
    ).order_by("customer")
    return list(said.values_list("customer", flat=True).distinct()[:most])


def _members(run: StatementRun, people: Collection[int], *, joined_before: datetime) -> list[Account]:
    """Those of them who are active members since then, and whose newest word is yes."""
    newest = Consent.objects.filter(customer__in=people, purpose__in=[WANTED, Consent.Purpose.PROGRAMME])
    newest = newest.order_by("customer", "purpose", "-recorded_at", "-id").distinct("customer", "purpose")
    said = {
        (who, purpose): given for who, purpose, given in newest.values_list("customer", "purpose", "given")
    }
    wanting = [
        who for who in people if said.get((who, WANTED)) and said.get((who, Consent.Purpose.PROGRAMME), True)
    ]
    rows = Account.objects.filter(programme=run.programme_id, customer__in=wanting)
    return list(rows.filter(status=Account.Status.ACTIVE, joined_at__lt=joined_before).order_by("customer"))


def _mail_of(people: Collection[int]) -> dict[int, ContactPoint]:
    """The mail address of each for letters about points, a verified one first."""
    rows = ContactPoint.objects.filter(customer__in=people, kind=ContactPoint.Kind.MAIL)
    points = sorted(rows, key=lambda point: (point.verified_at is not None, -point.pk))
    return {point.customer_id: point for point in points}  # the last one stays


def _letter(account: Account, point: ContactPoint, run: StatementRun, at: datetime) -> Notice:
    next_month = (run.month + timedelta(days=62)).replace(day=1)  # the one after that in which it is sent
    return Notice(
        brand_id=account.brand_id,
        customer_id=account.customer_id,
        contact_point=point,
        template="statement",
        context={"account": account.pk, "month": run.month.isoformat()},
        key=f"statement:{account.pk}:{run.month:%Y-%m}",
        due_at=at,
        until=clock.day(next_month, run.programme.zone)[0],
        written_at=at,
    )
