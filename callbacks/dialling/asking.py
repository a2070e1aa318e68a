"""Asking a telephone system over HTTP, within time limits that hold for the whole of it."""

from __future__ import annotations

import functools
import json
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from typing import Any

import httpx2
from django.utils.translation import gettext as _

from callbacks.dialling.port import DiallerDown

CONNECT, WHOLE = 1.0, 3.0  # seconds
MOST_BYTES = 256 * 1024

log = logging.getLogger(__name__)
tls = functools.cache(httpx2.create_ssl_context)  # reading the machine's certificates costs more than asking


def ask(
    requests: Callable[[httpx2.Client], Any], *, auth: tuple[str, str] | None = None, whole: float = WHOLE
) -> Any:
    """What `requests` makes of its client, within `whole` seconds, however slowly names resolve or bytes drip in.

    Raises DiallerDown: `unreachable` (nothing was sent), `slow`, `broken` (both `unsure`).
    """
    limits = httpx2.Timeout(whole, connect=CONNECT)
    client = httpx2.Client(timeout=limits, auth=auth, verify=tls())
    answer: Future[Any] = Future()
    work = (_into, answer, requests, client)  # in this one's context: sentences are in the agent's language
    threading.Thread(target=copy_context().run, args=work, daemon=True).start()
    try:
        return answer.result(timeout=whole)
    except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
        raise _down("unreachable", _("The telephone system cannot be reached."), error) from None
    except (httpx2.TimeoutException, TimeoutError) as error:
        slow = _("The telephone system did not answer in time.")
        raise _down("slow", slow, error, unsure=True) from None
    except httpx2.HTTPError as error:
        broken = _("The telephone system broke off while it was asked.")
        raise _down("broken", broken, error, unsure=True) from None
    except httpx2.InvalidURL as error:
        raise _down("unreachable", _("The telephone system cannot be reached."), error) from None
    finally:
        client.close()  # a thread that is still waiting gets an error, and ends


def body(client: httpx2.Client, method: str, url: str, **request: Any) -> tuple[int, Any]:
    """Status and JSON of an answer; None without content. Raises DiallerDown: `nonsense` where it is no JSON."""
    with client.stream(method, url, **request) as response:
        content = b""
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > MOST_BYTES:
                raise nonsense(unsure=True)
    if not content.strip():
        return response.status_code, None
    try:
        return response.status_code, json.loads(content)
    except ValueError:
        if response.is_success:
            raise nonsense(unsure=True) from None
        return response.status_code, None


def nonsense(*, unsure: bool = False) -> DiallerDown:
    """What to raise for an answer that means nothing to us."""
    return DiallerDown(
        "nonsense", _("The telephone system answered something that means nothing to us."), unsure=unsure
    )


def refused(status: int, *, unsure: bool = False) -> DiallerDown:
    """What to raise for an answer that says no: our account (401, 403), what we ask (4xx), or itself (5xx)."""
    log.warning("The telephone system answered with status %s.", status)
    if status in (401, 403):
        return DiallerDown("account", _("The telephone system does not let us in."))
    if 400 <= status < 500:
        return DiallerDown("refused", _("The telephone system refuses this call."))
    return DiallerDown("out_of_order", _("The telephone system is out of order."), unsure=unsure)


def _into(answer: Future[Any], requests: Callable[[httpx2.Client], Any], client: httpx2.Client) -> None:
    try:
        answer.set_result(requests(client))
    except BaseException as error:
        answer.set_exception(error)


def _down(code: str, sentence: str, error: Exception, *, unsure: bool = False) -> DiallerDown:
    log.warning(
        "The telephone system: %s (%s).", code, type(error).__name__
    )  # an address may name an account
    return DiallerDown(code, sentence, unsure=unsure)
