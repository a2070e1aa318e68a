"""Every error of the API as problem+json (RFC 9457): what went wrong, in words and as a code."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.signals import got_request_exception
from django.db import DatabaseError, DataError, InterfaceError, OperationalError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from contactcenter.errors import Invalid, Refused

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = "5"  # seconds; the database is away, or two deeds stood in each other's way
log = logging.getLogger(__name__)


def problem_of(error: Exception, context: Mapping[str, Any]) -> Response:
    """The answer to an error in an endpoint; one that nobody foresaw is logged and tells the client nothing."""
    if isinstance(error, Refused):
        return _refusal(error)
    if isinstance(error, exceptions.ValidationError):
        errors = list(_flat(error.get_full_details(), ""))
        code = errors[0]["code"] if len(errors) == 1 and errors[0]["code"].startswith("key_") else "invalid"
        return problem(400, code, _("The request does not fit."), errors=errors)
    if isinstance(error, Http404):
        return problem(404, "not_found", _("There is nothing here."))
    if isinstance(error, PermissionDenied):
        return problem(403, "not_allowed", _("Your role does not allow this."))
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    if isinstance(error, DataError):
        return problem(422, "out_of_range", _("A figure or a text is larger than we can keep."))
    if isinstance(error, OperationalError | InterfaceError):
        log.warning("the database did not answer: %s", error)
        answer = problem(503, "unavailable", _("Please ask again in a moment."))
        answer["Retry-After"] = RETRY_AFTER
        return answer
    got_request_exception.send(sender=problem_of, request=context["request"]._request)
    log.error("%s", context["request"].path, exc_info=_without_values(error))
    return problem(500, "error", _("Something went wrong here. It has been written down."))


def problem(status: int, code: str, detail: str, **more: Any) -> Response:
    """A problem+json answer; `more` are its further members: `details`, `errors`."""
    content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    return Response(content | {"code": code, "detail": detail} | more, status=status, content_type=MEDIA_TYPE)


def _without_values(error: Exception) -> Exception:
    """What may stand in the log: where and what, but not the row that the database quotes in its errors."""
    at: BaseException | None = error
    while at is not None and not isinstance(at, DatabaseError):
        at = at.__cause__ or at.__context__
    if at is None:
        return error
    told = getattr(at.__cause__, "diag", None)
    words = [type(error).__name__, *(getattr(told, name, None) for name in ("sqlstate", "constraint_name"))]
    return DatabaseError(" ".join(filter(None, words))).with_traceback(error.__traceback__)


class NothingHere(APIView):
    """Every address of the API that is none."""

    permission_classes = [AllowAny]
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Http404


def _refusal(refusal: Refused) -> Response:
    status = 422 if isinstance(refusal, Invalid) else 409
    if refusal.code == "not_allowed":
        status = 403
    more = {"details": refusal.details} if refusal.details else {}
    return problem(status, refusal.code, refusal.sentence, **more)


def _of_framework(error: exceptions.APIException) -> Response:
    answer = problem(error.status_code, str(error.default_code), str(error.detail))
    if challenge := getattr(error, "auth_header", None):
        answer["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        answer["Retry-After"] = str(int(wait) + 1)
    return answer


def _flat(details: Any, pointer: str) -> Iterator[dict[str, str]]:
    """Each single complaint with the JSON pointer to what it is about."""
    if (
        isinstance(details, Mapping)
        and set(details) == {"message", "code"}
        and isinstance(details["code"], str)
    ):
        yield {"pointer": f"#{pointer}", "code": details["code"], "detail": str(details["message"])}
    elif isinstance(details, Mapping):
        for name, inner in details.items():
            step = "" if name == "non_field_errors" else f"/{str(name).replace('~', '~0').replace('/', '~1')}"
            yield from _flat(inner, pointer + step)
    else:
        complaints = isinstance(details, list) and details and set(details[0]) == {"message", "code"}
        for number, inner in enumerate(details):
            yield from _flat(inner, pointer if complaints else f"{pointer}/{number}")
