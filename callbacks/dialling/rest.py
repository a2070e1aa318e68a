"""A telephone service with Twilio's REST interface (version 2010-04-01), such as Twilio itself.

The service rings the agent; when the agent has picked up it follows the TwiML that came with the call and dials the
customer. Both calls tell `callbacks.hooks.heard` what becomes of them, and can be asked.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr

import httpx2
from django.conf import settings
from django.utils.translation import gettext as _

from callbacks.dialling.asking import ask, body, nonsense, refused
from callbacks.dialling.port import DiallerDown, Order, Placed, Stage, Standing, Why
from contactcenter import links

EVERY = timedelta(seconds=15)  # it tells by itself: asking is for what was not told
AGENT_RINGS, CUSTOMER_RINGS = 20, 30  # seconds, then the service gives up
EVENTS = ("initiated", "ringing", "answered", "completed")
OPEN = {
    "queued": Stage.PLACED,
    "initiated": Stage.PLACED,
    "ringing": Stage.RINGING,
    "in-progress": Stage.ANSWERED,
}
OVER = {
    "completed": Why.TALKED,
    "busy": Why.BUSY,
    "no-answer": Why.NO_ANSWER,
    "canceled": Why.NO_ANSWER,  # the agent gave up while it rang
    "failed": Why.FAILED,
}


def place(order: Order) -> Placed:
    """`ref` is the service's own name for the agent's call (its SID)."""
    agent, customer = _line(order.agent), _number(order.customer)
    answer = _post(
        "Calls.json",
        To=agent,
        From=settings.VOICE_FROM,
        Twiml=_twiml(customer, order.hook),
        Timeout=AGENT_RINGS,
        StatusCallback=order.hook,
        StatusCallbackEvent=EVENTS,
    )
    return Placed(ref=_text(answer, "sid", unsure=True))


def standing(ref: str) -> Standing | None:
    """From the agent's call and the one to the customer that belongs to it: two questions in one go."""
    if not is_name(ref):
        return None
    return ask(lambda client: _ask_both(client, ref), auth=_auth())


def hang_up(ref: str) -> None:
    """Ends the agent's call, and with it the customer's."""
    if is_name(ref):
        _post(f"Calls/{ref}.json", Status="completed")


def heard(event: Mapping[str, str]) -> Standing | None:
    """What one status event says of the call to the customer, None for one that says nothing new.

    The end of the agent's own call says nothing while the customer's may still be to be told of.
    """
    status, seconds = event.get("CallStatus", ""), event.get("CallDuration", "")
    if event.get("ParentCallSid"):
        return _of_customer(status, seconds)
    return Standing(Stage.ENDED, 0, Why.AGENT) if OVER.get(status) else None


def is_signed(path: str, event: Mapping[str, Sequence[str]], signature: str) -> bool:
    """Whether the service signed this event for our address `path` (X-Twilio-Signature).

    HMAC-SHA1 with the account's token over the address, then each name and value, sorted by name.
    """
    if not settings.VOICE_REST_TOKEN:
        return False
    pairs = sorted((name, value) for name, values in event.items() for value in set(values))
    said = links.url(path) + "".join(name + value for name, value in pairs)
    made = hmac.new(settings.VOICE_REST_TOKEN.encode(), said.encode(), hashlib.sha1).digest()
    return hmac.compare_digest(base64.b64encode(made), signature.encode())


def faults() -> Mapping[str, str]:
    found = {}
    address = urlsplit(settings.VOICE_REST)
    if address.scheme not in ("http", "https") or not address.hostname or address.username:
        found["VOICE_REST"] = _("Name the telephone service: https://api.twilio.com")
    if not re.fullmatch(r"[A-Za-z0-9_-]+", settings.VOICE_REST_ACCOUNT):
        found["VOICE_REST_ACCOUNT"] = _("Name our account at the telephone service.")
    if not settings.VOICE_REST_TOKEN:
        found["VOICE_REST_TOKEN"] = _("Give the token of our account at the telephone service.")
    if not re.fullmatch(r"\+[1-9]\d{1,14}", settings.VOICE_FROM):
        found["VOICE_FROM"] = _("Name the number that customers see: +4930123456")
    return found


def _ask_both(client: httpx2.Client, ref: str) -> Standing | None:
    status, agents = body(client, "GET", _address(f"Calls/{ref}.json"))
    if status == 404:
        return None
    if status >= 300:
        raise refused(status)
    status, found = body(client, "GET", _address("Calls.json"), params={"ParentCallSid": ref})
    if status >= 300:
        raise refused(status)
    if not isinstance(found, dict) or not isinstance(calls := found.get("calls"), list):
        raise nonsense()
    if calls:
        return _of_customer(_text(calls[0], "status"), str(calls[0].get("duration") or ""))
    own = _text(agents, "status")
    if own in OVER:
        return Standing(Stage.ENDED, 0, Why.AGENT)
    return Standing(Stage.PLACED)


def _of_customer(status: str, seconds: str) -> Standing:
    if status in OVER:
        return Standing(Stage.ENDED, int(seconds) if seconds.isdecimal() else None, OVER[status])
    if status in OPEN:
        return Standing(OPEN[status])
    raise nonsense()


def _post(path: str, **form: Any) -> Any:
    def requests(client: httpx2.Client) -> tuple[int, Any]:
        return body(client, "POST", _address(path), data=form)

    status, answer = ask(requests, auth=_auth())
    if status >= 300:
        raise refused(status, unsure=status >= 500)
    return answer


def _twiml(customer: str, hook: str) -> str:
    caller, told, events = (quoteattr(text) for text in (settings.VOICE_FROM, hook, " ".join(EVENTS)))
    return (
        f'<Response><Dial callerId={caller} timeout="{CUSTOMER_RINGS}" answerOnBridge="true">'
        f"<Number statusCallback={told} statusCallbackEvent={events}>{escape(customer)}</Number>"
        "</Dial></Response>"
    )


def _auth() -> tuple[str, str]:
    if faults():
        raise DiallerDown("not_set_up", _("The telephone system is not set up."))
    return settings.VOICE_REST_ACCOUNT, settings.VOICE_REST_TOKEN


def _address(path: str) -> str:
    return f"{settings.VOICE_REST.rstrip('/')}/2010-04-01/Accounts/{settings.VOICE_REST_ACCOUNT}/{path}"


def is_name(ref: str) -> bool:
    """Whether `ref` can be the service's name for a call (its SID): it becomes part of an address."""
    return bool(re.fullmatch(r"CA[A-Za-z0-9]{1,62}", ref))


def _line(text: str) -> str:
    """The agent's line: a number, or a SIP address that the service can reach."""
    if re.fullmatch(r"sip:[A-Za-z0-9+._~-]+@[A-Za-z0-9.-]+(:\d{1,5})?", text):
        return text
    return _number(text)


def _number(text: str) -> str:
    if not re.fullmatch(r"\+[1-9]\d{1,14}", text):
        raise DiallerDown("bad_number", _("This number cannot be dialled."))
    return text


def _text(answer: Any, name: str, *, unsure: bool = False) -> str:
    if not isinstance(answer, dict) or not isinstance(text := answer.get(name), str):
        raise nonsense(unsure=unsure)
    return text
