"""How a calendar comes into force."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from contactcenter import clock
from contactcenter.errors import Refused
from tickets.business_hours import NeverOpen
from tickets.calendars import counted_by, rules_of
from tickets.models import Calendar, HoursVersion


@transaction.atomic
def publish(calendar: Calendar) -> HoursVersion:
    """Bring into force what the rows of `calendar` say; nothing changes where they say what is in force already.

    Clocks that run keep the hours they began with, a promise once made: they follow when their ticket changes what
    holds for it. Refused: `no_such_country`, `never_open`.
    """
    calendar = Calendar.objects.select_for_update(of=("self",)).select_related("hours").get(pk=calendar.pk)
    rules = rules_of(calendar)
    if calendar.hours and calendar.hours.rules == rules:
        return calendar.hours
    try:
        counted_by(rules).next_open(clock.now())
    except NotImplementedError as unknown:  # so the package of holidays says it
        place = "-".join(filter(None, [calendar.country, calendar.subdivision]))
        raise Refused("no_such_country", _("The holidays of %s are not known.") % place) from unknown
    except NeverOpen as closed:
        raise Refused(
            "never_open", _("By these hours nobody is ever there. Give at least one opening.")
        ) from closed
    calendar.hours = HoursVersion.objects.create(brand_id=calendar.brand_id, rules=rules)
    calendar.save(update_fields=["hours"])
    return calendar.hours
