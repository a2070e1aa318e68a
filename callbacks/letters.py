"""What letters about calls say: no word that was written for us alone, nor any that a stranger may have typed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.template.loader import select_template
from django.utils.timezone import make_naive

from agents.models import first_name_of
from callbacks.calendars import CANCEL, PUBLISH, Appointment, file_of
from callbacks.links import link_to, request_link, video_link
from callbacks.models import Callback, CallbackPolicy
from callbacks.services import asked_again, telling
from callbacks.zones import town_of
from customers.letters import KINDS, Kind
from customers.models import Consent, Notice
from tickets.services import address_of

ROWS = Callback.objects.select_related(
    "brand", "customer__brand", "contact_point", "owner", "ticket__brand", "follows"
)


def safe_words(callback: Callback) -> dict[str, Any]:
    """What a customer may read of a call: who calls, on which number, about which request of theirs, where it meets.

    `who` is a first name, "" for whoever of the team can; `ending` the last two digits; `reference` the ticket's.
    """
    policy = CallbackPolicy.objects.of(callback.brand_id)
    point = callback.contact_point
    return {
        "who": first_name_of(callback.owner.name) if callback.owner else "",
        "ending": point.value[-2:] if point and point.kind == "phone" else "",
        "reference": callback.ticket.reference if callback.ticket else "",
        "video": video_link(callback, policy),
        "asks": request_link(callback.brand) if policy.takes_requests else "",
    }


def facts_of(notice: Notice) -> dict[str, Any]:
    """The words of a letter; its window is the one that was promised when it was written."""
    callback = _callback(notice)
    again = _again(notice)
    zone, (start, end) = asked_again(callback).place.zone, _window(notice)
    return safe_words(callback) | {
        # As the clock there shows it: the page says the same, wherever the profile says they live.
        "starts": make_naive(start, zone),
        "ends": make_naive(end, zone),
        "again": again,
        "again_starts": make_naive(again.window_from, zone) if again else None,
        "again_ends": make_naive(again.window_to, zone) if again else None,
        "town": town_of(zone, notice.customer.language),
        "link": link_to(again or callback),
        "brand": notice.customer.brand.mail_name or notice.customer.brand.name,
    }


def file_with_call(notice: Notice) -> list[tuple[str, bytes, str]]:
    """The call for the customer's calendar, or, when nobody calls any more, what takes it out again."""
    callback = _callback(notice)
    off = notice.template in (telling.CANCELLED, telling.GIVEN_UP)
    start, end = _window(notice)
    sequence = notice.context["sequence"]
    if notice.template == telling.MISSED:
        again = _again(notice)
        off = again is None
        if again is not None:
            callback, start, end = again, again.window_from, again.window_to
            sequence = telling.sequence_of(again)
    brand = notice.customer.brand
    entry = Appointment(
        number=callback.chain()[-1].pk,
        sequence=sequence,
        start=start,
        end=end,
        changed=notice.written_at,
        title=_title(notice),
        url="" if off else link_to(callback),
        organiser=address_of(brand) or "noreply@invalid",
        organiser_name=brand.mail_name or brand.name,
    )
    method = CANCEL if off else PUBLISH
    return [("call.ics", file_of(entry, method=method), f"text/calendar; method={method}")]


def _title(notice: Notice) -> str:
    """What stands in the calendar, in the customer's language."""
    tag = notice.customer.language.partition("-")[0]
    words = select_template([f"notices/callback_title.{tag}.txt", "notices/callback_title.txt"])
    brand = notice.customer.brand
    return words.render({"brand": brand.mail_name or brand.name}).strip()


def _window(notice: Notice) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(notice.context["from"]), datetime.fromisoformat(notice.context["to"])


def _callback(notice: Notice) -> Callback:
    """The call, while it is the reader's: two customers may have been parted since, and the letter fails then."""
    found: Callback = ROWS.get(
        pk=notice.context["callback"], brand=notice.brand_id, customer=notice.customer_id
    )
    return found


def _again(notice: Notice) -> Callback | None:
    """The call that makes up for the missed one."""
    if not notice.context.get("again"):
        return None
    rows = ROWS.filter(pk=notice.context["again"], brand=notice.brand_id, customer=notice.customer_id)
    return rows.first()


def register() -> None:
    """Make the letters of this room known. All but the reminder answer what was agreed, and need no consent."""
    for kind in (telling.PROMISED, telling.MOVED, telling.CANCELLED, telling.MISSED, telling.GIVEN_UP):
        KINDS[kind] = Kind(facts=facts_of, files=file_with_call)
    KINDS[telling.REMINDER] = Kind(purpose=Consent.Purpose.CALLS, facts=facts_of)
