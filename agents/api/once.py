"""A deed happens once: its answer is kept in the deed's own transaction, and a repeat is told the same."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from agents.models import Agent, Answer, Brand
from contactcenter import keys
from contactcenter.errors import Invalid, Refused

KEY = re.compile(r"[!-~]{1,128}")  # printable ASCII
# The key of the services → brand's id and what to answer; with a third value, the status, where it is no 201.
Deed = Callable[[str], tuple[int, dict[str, Any]] | tuple[int, dict[str, Any], int]]


def once(request: Request, agent: Agent, deed: Deed) -> Response:
    """Do `deed` and answer it, or give the answer that the same request got before, marked as replayed.

    The deed and its answer are one transaction under a lock on the key that is not waited for: a crash, or a
    refusal, leaves nothing and the key is free. Refused: `in_flight`, `key_reused` with other content.
    """
    key, content = _key(request), _content(request)
    with transaction.atomic():
        _expect_alone(agent, key)
        if earlier := Answer.objects.filter(agent=agent, key=key).first():
            return _again(request, earlier, content)
        brand, answer, status = (*deed(service_key(agent, key)), 201)[:3]
        Answer.objects.create(
            agent=agent,
            brand_id=brand,
            key=key,
            method=str(request.method),
            path=request.path[:200],
            request_hash=content,
            status=status,
            body=JSONRenderer().render(answer).decode(),
        )
        return Response(answer, status=status)


def once_apart(request: Request, agent: Agent, deed: Deed) -> Response:
    """As `once`, for a deed that is many transactions of its own: its answer is kept after the last of them.

    A crash in the midst leaves what was done, and the key free: the deed must be such that a repeat does nothing more.
    """
    key, content = _key(request), _content(request)
    if earlier := Answer.objects.filter(agent=agent, key=key).first():
        return _again(request, earlier, content)
    answer = deed(service_key(agent, key))
    return once(request, agent, lambda _key: answer)


def service_key(agent: Agent, key: str) -> str:
    """The key under which the services know this deed: two clients that chose the same word do not meet."""
    return f"api:{keys.digest(agent.pk, key)[:56]}"


def _key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        raise exceptions.ValidationError(
            {"Idempotency-Key": [_("Every POST names a key of its own in this header.")]}, "key_missing"
        )
    if not KEY.fullmatch(key):
        raise exceptions.ValidationError(
            {"Idempotency-Key": [_("A key is made of 1 to 128 printable ASCII characters.")]}, "key_malformed"
        )
    return key


def _content(request: Request) -> str:
    """What was asked for, however its JSON was laid out."""
    try:
        return keys.digest(request.method, request.path, json.dumps(request.data, sort_keys=True))
    except RecursionError:
        raise exceptions.ParseError(_("JSON parse error - nested too deep.")) from None


def _expect_alone(agent: Agent, key: str) -> None:
    """Refuse while the same key is at work on another connection; the lock goes with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"answer:{agent.pk}:{key}"]
        )
        (alone,) = cursor.fetchone()
    if not alone:
        raise Refused("in_flight", _("This very request is being worked on. Ask again in a moment."))


def _again(request: Request, earlier: Answer, content: str) -> Response:
    if (earlier.method, earlier.request_hash) != (request.method, content):
        raise Invalid("key_reused", _("This key came before with another request. Take a new one."))
    if not Brand.objects.visible_to(request.user).filter(pk=earlier.brand_id).exists():
        raise exceptions.PermissionDenied(_("You do not serve this brand."))
    answer = Response(json.loads(earlier.body), status=earlier.status)
    answer["Idempotency-Replayed"] = "true"
    return answer
