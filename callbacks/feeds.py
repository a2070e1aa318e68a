"""An agent's own promises as a calendar that other programs read, at a secret address the agent can take back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import cast

from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _

import agents.services
from agents.models import Agent, Brand, Token
from callbacks.calendars import Appointment, feed_of
from callbacks.links import feed_link
from callbacks.models import Callback, CallbackEvent
from callbacks.windows import FARTHEST
from contactcenter import clock, links
from contactcenter.errors import Refused

AT_MOST = 500
STILL_SHOWN = timedelta(days=1)  # after its window


def address_of(agent: Agent, *, at: datetime | None = None) -> str:
    """The address of the agent's calendar, "" when they have none."""
    usable = Token.objects.usable(at or clock.now())
    token = usable.filter(user=agent, scopes=[agents.services.CALENDAR]).order_by("-id").first()
    return feed_link(token) if token else ""


def renew(agent: Agent, *, at: datetime | None = None) -> str:
    """A new address of the agent's calendar; an earlier one opens nothing any more."""
    return feed_link(agents.services.renew_calendar(agent, at=at))


def revoke(agent: Agent, *, at: datetime | None = None) -> None:
    """Let the address of the agent's calendar open nothing any more."""
    agents.services.end_calendar(agent, at=at)


def calendar_of(token: int, *, at: datetime) -> bytes:
    """The calendar that the token of this id opens. Refused: `link_ended` once it was taken back, or its agent left."""
    return feed_of(_entries(_agent_of(token, at), at), name=str(_("Callbacks")))


def _agent_of(pk: int, at: datetime) -> Agent:
    usable = Token.objects.usable(at).filter(pk=pk, scopes=[agents.services.CALENDAR])
    token = usable.select_related("user").first()
    if token is None:
        raise Refused("link_ended", _("This link has ended."))
    agents.services.note_use(token, at=at)
    return cast(Agent, token.user)


def _entries(agent: Agent, at: datetime) -> Iterator[Appointment]:
    """The agent's open promises of the next 90 days: no name and no number of a customer leaves the house."""
    rows = Callback.objects.filter(
        owner=agent, state__in=Callback.OPEN, brand__in=Brand.objects.visible_to(agent),
        window_from__gte=at - STILL_SHOWN, window_from__lte=at + FARTHEST,
    )  # fmt: skip
    rows = rows.select_related("ticket__brand").annotate(
        changes=Count(
            "events", filter=Q(events__kind__in=[CallbackEvent.Kind.MOVED, CallbackEvent.Kind.RETRY])
        ),
        changed=Max("events__at"),
    )
    for row in rows.order_by("window_from", "id")[:AT_MOST]:
        what = row.ticket.reference if row.ticket else f"#{row.pk}"
        yield Appointment(
            number=row.pk, sequence=row.changes, start=row.window_from, end=row.window_to,
            changed=row.changed or row.promised_at, title=f"{row.get_kind_display()}: {what}",
            url=links.url(f"/callbacks/{row.pk}/"),
        )  # fmt: skip
