"""Where a telephone service tells what becomes of a call: no sign-in and no session, each event bears its signature."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from callbacks import services
from callbacks.dialling import DiallerDown, rest
from tickets.pages import Knocks


@never_cache
@csrf_exempt  # the signature says who may; there is no session whose rights another page could borrow
@require_POST
def heard(request: HttpRequest, attempt: int) -> HttpResponse:
    """A status event of the REST service: 204, also for one that says nothing to us; 404 for a call we do not know.

    Without the right signature 403, and often from one place 429: who signs may tell as often as they have to.
    """
    signature = request.headers.get("X-Twilio-Signature", "")
    if not rest.is_signed(request.get_full_path(), dict(request.POST.lists()), signature):
        often = not Knocks().allow_request(cast(Any, request), cast(Any, None))
        return HttpResponse(status=429 if often else 403)
    try:
        known = services.hear_event(attempt, request.POST.dict())
    except DiallerDown:
        known = True
    return HttpResponse(status=204 if known else 404)
