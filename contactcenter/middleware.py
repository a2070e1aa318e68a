"""What happens around every page: whose clock and language, what a page may load, how a refusal reads."""

from __future__ import annotations

import re
from collections.abc import Callable

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from contactcenter import clock, wire
from contactcenter.errors import Invalid, Refused

Answer = Callable[[HttpRequest], HttpResponse]
SLOT = re.compile(r"#[a-z][a-z0-9-]*")


def agents_own_time_and_language(get_response: Answer) -> Answer:
    """Show times in the zone and words in the language of the agent who is signed in."""

    def middleware(request: HttpRequest) -> HttpResponse:
        agent = request.user
        if not agent.is_authenticated:
            return get_response(request)
        with timezone.override(clock.zone(agent.time_zone)), translation.override(_language(agent.language)):
            return get_response(request)

    return middleware


def _language(code: str) -> str:
    """The language the house speaks that comes nearest to `code`, its own when none does."""
    try:
        return translation.get_supported_language_variant(code)
    except LookupError:
        return settings.LANGUAGE_CODE


def wake_streams(get_response: Answer) -> Answer:
    """Have the streams look at once for what a request has written, and who signed out be let go everywhere.

    Here once for all writers: when a request is answered its transactions are over. What workers write is found by
    the look that the stream takes every second.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return get_response(request)
        agent = request.user.pk
        response = get_response(request)
        wire.publish(wire.LOOK)
        if agent and not request.user.is_authenticated:
            wire.publish(f"{wire.OUT} {agent}")
        return response

    return middleware


def parts_apart_from_pages(get_response: Answer) -> Answer:
    """Keep the browser from showing a part of a page where Back asks for the page: both have the same address."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        patch_vary_headers(response, ["HX-Request"])
        return response

    return middleware


def admin_policy(get_response: Answer) -> Answer:
    """Loosen the content security policy under /admin/ only: its theme evaluates expressions."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path_info.startswith("/admin/"):
            response._csp_replace = {  # type: ignore[attr-defined]
                "script-src": [SELF, UNSAFE_EVAL, UNSAFE_INLINE],
                "style-src": [SELF, UNSAFE_INLINE],
                "style-src-attr": [UNSAFE_INLINE],
                "object-src": [NONE],
            }
        return response

    return middleware


class RefusalMiddleware:
    """Turn `Refused` into 409 and `Invalid` into 422: a sentence in the form's own slot, or a page.

    A form names its slot in the header Refusal-Slot; the form itself is never replaced, so what was typed stays.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        status = 422 if isinstance(exception, Invalid) else 409
        context = {"refusal": exception}
        slot = request.headers.get("Refusal-Slot", "")
        if not SLOT.fullmatch(slot):
            return render(request, "409.html", context, status=status)
        response = render(request, "desk/_refusal.html", context, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = slot, "innerHTML"
        return response
