"""The page on which a customer sees a promised call, opened by a signed link. GET only shows; one POST does."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from callbacks import offered, services
from callbacks.letters import ROWS, safe_words
from callbacks.links import PROMISE
from callbacks.models import Callback
from callbacks.zones import town_of
from contactcenter import clock, links
from contactcenter.errors import Refused
from tickets.pages import by_link, page

State = Callback.State


@by_link
def promise(request: HttpRequest, word: str) -> HttpResponse:
    """What is promised, and the free windows of seven days from ?day= on; POST `do` moves or cancels the call."""
    at = clock.now()
    opened = links.opened(word, PROMISE, at=at)
    shown = _shown(opened)
    done, refusal = "", None
    if request.method == "POST":
        try:
            done = _do(request, shown, at)
        except Refused as refused:
            refusal = refused
        shown = _shown(opened)
    brand, customer = shown.brand, shown.customer
    asked = services.asked_again(shown, by_customer=True)
    comes = shown.is_open and shown.state != State.IN_CALL and at < shown.window_to
    context = safe_words(shown) | {
        "brand": brand,
        "callback": shown,
        "made_up": shown.pk != opened.subject,
        "town": town_of(asked.place.zone, customer.language),
        "comes": comes,
        "calling": shown.state == State.IN_CALL,
        "over": shown.is_open and at >= shown.window_to,
        "choice": offered.choice(day_in(request), asked, at=at) if comes else None,
        "seen": services.mark_of(shown),
        "done": done,
        "refusal": refusal,
    }
    with timezone.override(asked.place.zone):
        return page(request, "call", context, language=customer.language)


def day_in(request: HttpRequest) -> date | None:
    """The day that the address asks for, None for none and for what is no day."""
    try:
        return parse_date(request.GET.get("day", ""))
    except ValueError:
        return None


def _shown(opened: links.Opened) -> Callback:
    """The call of a link; of one that was missed the call that makes up for it, as long as it is the same person's."""
    shown: Callback | None = ROWS.filter(
        pk=opened.subject, brand=opened.brand, kind=Callback.Kind.CALL
    ).first()
    if shown is None:
        raise Refused("no_link", _("This link is not one of ours. Perhaps it was cut off."))
    while shown.state == State.MISSED:
        after = ROWS.filter(follows=shown, customer=shown.customer_id, brand=opened.brand).first()
        if after is None:
            break
        shown = after
    return shown


def _do(request: HttpRequest, shown: Callback, at: datetime) -> str:
    """Move or cancel, as the form says; gives what was done, "" for what is no wish at all."""
    seen = request.POST.get("seen", "")
    if request.POST.get("do") == "cancel":
        services.cancel_by_link(shown, seen=seen, at=at)
        return "cancelled"
    if request.POST.get("do") != "move":
        return ""
    word = request.POST.get("window", "")
    free = offered.chosen(word, services.asked_again(shown, by_customer=True), at=at)
    if free is None and word != services.mark_of(shown):
        raise Refused("not_offered", _("This time is not free. Choose another."))
    window = (free.start, free.end) if free else (shown.window_from, shown.window_to)
    services.move_by_link(shown, window, seen=seen, at=at)
    return "moved"
