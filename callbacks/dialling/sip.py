"""A SIP server that brings two telephones together: Kamailio, asked by JSON-RPC over HTTP.

Kamailio's dialog module rings the agent, and when the agent has picked up it refers that telephone to the customer
(INVITE, REFER, BYE). Both addresses carry our `callback=REF`; deploy/kamailio-callbacks.cfg notes under it what it
sees of the call, and that note is what we read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2
from django.conf import settings
from django.utils.translation import gettext as _

from callbacks.dialling.asking import ask, body, nonsense, refused
from callbacks.dialling.port import DiallerDown, Order, Placed, Stage, Standing, Why
from contactcenter import clock

EVERY = timedelta(seconds=5)  # it tells nothing by itself
TABLE = "callbacks"
BUSY, NOBODY = (
    {486, 600, 603},
    {408, 480, 487},
)  # RFC 3261, 21.4 and 21.6; 487: the agent gave up while it rang
UNKNOWN = (
    "Key name doesn't exist"  # Kamailio's words for what is not in a table: their code differs by version
)


def place(order: Order) -> Placed:
    """Kamailio answers before it has rung anybody: what becomes of it is asked for under our own `ref`."""
    _expect_set_up()
    agent, customer = (_address(who, order.ref) for who in (order.agent, order.customer))
    _call("dlg.bridge_dlg", agent, f"<{customer}>")
    return Placed(ref=order.ref)


def standing(ref: str) -> Standing | None:
    note = _note(ref)
    return None if note is None else _read(note)


def hang_up(ref: str) -> None:
    """A call in which they talk gets its BYE, one that rings its CANCEL."""
    note = _note(ref) or {}
    if "ended" in note or "failed" in note or "agent_failed" in note:
        return
    if "dialog" in note:
        entry, _colon, number = note["dialog"].partition(":")
        talk = _call("dlg.dlg_list", note["call"])
        _call("dlg.end_dlg", _number(entry), _number(number))
        if "ended" not in (_note(ref) or {}):
            _end_what_was_left(talk, ref)
    elif "call" in note:
        _call("tm.cancel", note["call"], note.get("cseq", ""))


def faults() -> Mapping[str, str]:
    found = {}
    address = urlsplit(settings.SIP_RPC)
    if address.scheme not in ("http", "https") or not address.hostname or address.username:
        found["SIP_RPC"] = _("Name where Kamailio answers JSON-RPC: http://sip.example.com:5060/RPC")
    if not re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?", settings.SIP_DOMAIN):
        found["SIP_DOMAIN"] = _("Name what stands behind the @ of your lines: sip.example.com")
    return found


def _read(note: Mapping[str, str]) -> Standing:
    if "agent_failed" in note:
        return Standing(Stage.ENDED, 0, Why.AGENT)
    if "failed" in note:
        return Standing(Stage.ENDED, 0, _why(_number(note["failed"])))
    if "ended" in note:
        return Standing(Stage.ENDED, max(0, _number(note["ended"]) - _number(note.get("answered", ""))))
    if "answered" in note:
        return Standing(Stage.ANSWERED)
    return Standing(Stage.RINGING if "ringing" in note else Stage.PLACED)


def _why(code: int) -> Why:
    if code in BUSY:
        return Why.BUSY
    return Why.NO_ANSWER if code in NOBODY else Why.FAILED


def _note(ref: str) -> dict[str, str] | None:
    """What Kamailio has noted of a call, the last word for each name: `placed=1764412800 call=… ringing=…`."""
    found = _call("htable.get", TABLE, ref)
    if found is None:
        return None
    try:
        words = str(found["item"]["value"]).split()
    except (KeyError, TypeError):
        raise nonsense() from None
    return dict(word.split("=", 1) for word in words if "=" in word)


def _end_what_was_left(talk: Any, ref: str) -> None:
    """Where the agent's telephone answers its BYE before the customer's is sent, Kamailio 5.6 forgets the call: its end
    is not noted and the customer's telephone may go on. Both are made up for; a telephone that is free says 481."""
    try:
        ways = {
            "From": f"<{talk['from_uri']}>;tag={talk['caller']['tag']}",
            "To": f"<{talk['to_uri']}>;tag={talk['callee']['tag']}",
            "Call-ID": talk["call-id"],
            "CSeq": f"{_number(talk['caller']['cseq']) + 2} BYE",  # Kamailio's own was one more
        }
        contact = talk["callee"]["contact"]
    except (KeyError, TypeError):
        raise nonsense() from None
    headers = "".join(f"{name}: {value}\r\n" for name, value in ways.items())
    _call("tm.t_uac_start", "BYE", contact, "", "", headers, "")
    note = _note(ref) or {}
    if "ended" not in note:
        words = note | {"ended": str(int(clock.now().timestamp()))}
        _call("htable.sets", TABLE, ref, " ".join(f"{name}={word}" for name, word in words.items()))


def _call(method: str, *parameters: str | int) -> Any:
    """The result of one JSON-RPC 2.0 call, None where Kamailio knows no such key. Raises DiallerDown."""
    _expect_set_up()
    question = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}

    def requests(client: httpx2.Client) -> tuple[int, Any]:
        return body(client, "POST", settings.SIP_RPC, json=question)

    status, answer = ask(requests)
    if isinstance(answer, dict) and "result" in answer:
        return answer["result"]
    if isinstance(answer, dict) and isinstance(error := answer.get("error"), dict):
        if UNKNOWN in str(error.get("message")):
            return None
        raise DiallerDown("refused", _("The telephone system refuses this call."))
    if status >= 300:
        raise refused(status, unsure=status >= 500)
    raise nonsense(unsure=True)


def _expect_set_up() -> None:
    if faults():
        raise DiallerDown("not_set_up", _("The telephone system is not set up."))


def _address(line: str, ref: str) -> str:
    """The SIP address of a line or number at our server; raises DiallerDown for what could say more than that."""
    whole = line if line.startswith("sip:") else f"sip:{line}@{settings.SIP_DOMAIN}"
    if not re.fullmatch(r"sip:[A-Za-z0-9+._~-]+@[A-Za-z0-9.-]+(:\d{1,5})?", whole):
        raise DiallerDown("bad_number", _("This number cannot be dialled."))
    return f"{whole};callback={ref}"


def _number(text: str) -> int:
    if not text.isdecimal():
        raise nonsense()
    return int(text)
