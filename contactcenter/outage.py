"""When the database cannot be reached: a calm 503 in place of an error, and one line in the log in place of pages.

A database that is gone shows wherever its first query happens, in a view as well as before it. Django hands whatever
nobody caught to `handler500`; that is the one place where all of it comes by.
"""

from __future__ import annotations

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token
from django.views.defaults import server_error

RETRY_SECONDS = 5
# SQL states of a server that is not there: connection lost, shutting or starting up, no connection left.
AWAY = ("08", "57P", "53300")


def is_away(error: BaseException | None) -> bool:
    """Whether this error says that the database cannot be reached, rather than that it refused a statement.

    An error that never came from the server carries no SQL state: refused, timed out, cut off, or closed before.
    """
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(AWAY)


@requires_csrf_token
def answer_error(request: HttpRequest) -> HttpResponse:
    """What is answered when nobody caught an exception: 503 while the database is away, else 500."""
    if not is_away(sys.exc_info()[1]):
        return server_error(request)
    if request.path_info.startswith("/api/"):
        answer: HttpResponse = JsonResponse(_problem(), status=503, content_type="application/problem+json")
    else:
        # A page that was only asked for asks again by itself; a form that was sent must not be lost by that.
        tries_again = RETRY_SECONDS if request.method in ("GET", "HEAD") else 0
        answer = render(request, "503.html", {"tries_again": tries_again}, status=503)
    answer["Retry-After"] = str(RETRY_SECONDS)
    answer["Cache-Control"] = "no-store"
    return answer


def _problem() -> dict[str, object]:
    """What an endpoint answers as well, when it has come so far as to ask the database by itself."""
    return {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "code": "unavailable",
        "detail": _("Please ask again in a moment."),
    }


class OneLine(logging.Filter):
    """Cuts the traceback from what is logged of an unreachable database: each page of each agent asks on."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and is_away(record.exc_info[1]):
            record.exc_info, record.exc_text = None, None
            record.msg, record.args = f"{record.getMessage()}: the database cannot be reached", ()
        return True
