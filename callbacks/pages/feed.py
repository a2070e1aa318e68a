"""An agent's own promises, as other people's calendars read them."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from callbacks import feeds
from callbacks.links import FEED
from contactcenter import clock, links
from contactcenter.errors import Refused
from tickets.pages import Knocks


@require_safe
def feed(request: HttpRequest, word: str) -> HttpResponse:
    """The calendar; 304 when nothing has changed, 404 when the address is none of ours or was taken back."""
    if not Knocks().allow_request(cast(Any, request), cast(Any, None)):
        return _plain(_("Too many tries in a row"), 429)
    at = clock.now()
    try:
        body = feeds.calendar_of(links.opened(word, FEED, at=at).subject, at=at)
    except Refused as refusal:
        return _plain(refusal.sentence, 404)
    etag = f'"{sha256(body).hexdigest()}"'
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["ETag"] = etag
    return _guarded(get_conditional_response(request, etag=etag, response=response))


def _plain(words: str, status: int) -> HttpResponse:
    return _guarded(HttpResponse(words, content_type="text/plain; charset=utf-8", status=status))


def _guarded(response: Any) -> HttpResponse:
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"  # the address is the key
    return cast(HttpResponse, response)
