from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from callbacks.dialling import DiallerDown, Order, Stage, Standing, Why, sip
from tests.callbacks import dripping

# What a real Kamailio answers is asked by `make test-voice`; here is what no healthy one does.
ORDER = Order("ana", "+4915112345678", ref="c0ffee")


@pytest.fixture(autouse=True)
def server(settings: Any, httpserver: HTTPServer) -> Iterator[HTTPServer]:
    """A server of JSON-RPC of our own, which the settings name."""
    settings.SIP_RPC, settings.SIP_DOMAIN = httpserver.url_for("/RPC"), "sip.example.com"
    yield httpserver
    httpserver.check()


def answers(server: HTTPServer, result: Any) -> None:
    server.expect_request("/RPC").respond_with_json({"jsonrpc": "2.0", "id": 1, "result": result})


def noted(server: HTTPServer, note: str) -> None:
    answers(server, {"item": {"name": "c0ffee", "value": note, "flags": 2}})


def fault_of(deed: Any) -> DiallerDown:
    with pytest.raises(DiallerDown) as caught:
        deed()
    return caught.value


def test_agent_and_customer_are_named_with_our_name_for_the_call(server: HTTPServer) -> None:
    answers(server, {})
    assert sip.place(ORDER).ref == "c0ffee"
    asked = json.loads(server.log[0][0].get_data())
    assert asked["method"] == "dlg.bridge_dlg"
    assert asked["params"] == [
        "sip:ana@sip.example.com;callback=c0ffee", "<sip:+4915112345678@sip.example.com;callback=c0ffee>"
    ]  # fmt: skip


def test_a_line_may_be_a_whole_address(server: HTTPServer) -> None:
    answers(server, {})
    sip.place(Order("sip:ana@10.0.0.7:5070", "+4915112345678", ref="c0ffee"))
    assert json.loads(server.log[0][0].get_data())["params"][0] == "sip:ana@10.0.0.7:5070;callback=c0ffee"


@pytest.mark.parametrize(
    "line",
    ["", "ana;x=1", "ana>\r\nVia: me", "sip:ana@a?Replaces=b", "ana@elsewhere.example", "+49 30", "a\n"],
)
def test_what_could_say_more_than_an_address_is_not_asked_for(line: str) -> None:
    assert fault_of(lambda: sip.place(Order(line, "+4915112345678"))).code == "bad_number"
    assert fault_of(lambda: sip.place(Order("ana", line))).code == "bad_number"


@pytest.mark.parametrize(
    ("note", "standing"),
    [
        ("placed=100 call=a cseq=1", Standing(Stage.PLACED)),
        ("placed=100 call=a cseq=1 agent_failed=480", Standing(Stage.ENDED, 0, Why.AGENT)),
        ("placed=100 call=a cseq=1 call=b cseq=2 ringing=103", Standing(Stage.RINGING)),
        ("placed=100 ringing=103 answered=107 dialog=5:6", Standing(Stage.ANSWERED)),
        ("placed=100 ringing=103 answered=107 dialog=5:6 ended=190", Standing(Stage.ENDED, 83)),
        ("placed=100 ringing=103 failed=486", Standing(Stage.ENDED, 0, Why.BUSY)),
        ("placed=100 ringing=103 failed=603", Standing(Stage.ENDED, 0, Why.BUSY)),
        ("placed=100 ringing=103 failed=487", Standing(Stage.ENDED, 0, Why.NO_ANSWER)),
        ("placed=100 ringing=103 failed=408", Standing(Stage.ENDED, 0, Why.NO_ANSWER)),
        ("placed=100 failed=404", Standing(Stage.ENDED, 0, Why.FAILED)),
        ("placed=100 answered=107 ended=101", Standing(Stage.ENDED, 0)),  # its clock was put back meanwhile
    ],
)
def test_how_a_call_stands(server: HTTPServer, note: str, standing: Standing) -> None:
    noted(server, note)
    assert sip.standing("c0ffee") == standing


@pytest.mark.parametrize("code", [404, 500])
def test_a_call_the_server_does_not_know_is_none(server: HTTPServer, code: int) -> None:
    error = {"code": code, "message": "Key name doesn't exist in htable."}
    server.expect_request("/RPC").respond_with_json({"jsonrpc": "2.0", "id": 1, "error": error})
    assert sip.standing("c0ffee") is None
    sip.hang_up("c0ffee")


def test_a_server_without_our_part_of_its_configuration_refuses(server: HTTPServer) -> None:
    error = {"code": 500, "message": "No such htable"}
    server.expect_request("/RPC").respond_with_json({"jsonrpc": "2.0", "id": 1, "error": error})
    assert fault_of(lambda: sip.standing("c0ffee")).code == "refused"


@pytest.mark.parametrize(
    "note",
    [
        "placed=1 answered=2 ended=x",
        "placed=1 answered=2 ended=",
        "placed=1 failed=<null>",
        "answered= ended=9",
    ],
)
def test_a_note_that_means_nothing_is_a_fault(server: HTTPServer, note: str) -> None:
    noted(server, note)
    assert fault_of(lambda: sip.standing("c0ffee")).code == "nonsense"


@pytest.mark.parametrize("result", [[], {}, {"item": []}, "x", 5])
def test_a_result_that_means_nothing_is_a_fault(server: HTTPServer, result: Any) -> None:
    answers(server, result)
    assert fault_of(lambda: sip.standing("c0ffee")).code == "nonsense"


@pytest.mark.parametrize(
    ("status", "content", "code", "unsure"),
    [
        (403, "", "account", False),
        (404, "no", "refused", False),
        (502, "<html>", "out_of_order", True),
        (200, "{", "nonsense", True),
        (200, "", "nonsense", True),
        (200, '{"jsonrpc": "2.0", "id": 1}', "nonsense", True),
    ],
)
def test_a_server_that_says_no_says_why(
    server: HTTPServer, status: int, content: str, code: str, unsure: bool
) -> None:
    server.expect_request("/RPC").respond_with_data(content, status=status)
    fault = fault_of(lambda: sip.place(ORDER))
    assert (fault.code, fault.unsure) == (code, unsure)


def test_nobody_waits_longer_than_three_seconds(settings: Any) -> None:
    with dripping.server(every=None) as address:
        settings.SIP_RPC = address
        begun = time.monotonic()
        fault = fault_of(lambda: sip.place(ORDER))
        assert time.monotonic() - begun < 3.5
    assert (fault.code, fault.unsure) == ("slow", True)


@pytest.mark.parametrize("name", ["SIP_RPC", "SIP_DOMAIN"])
def test_a_server_that_is_not_set_up_is_not_asked(settings: Any, name: str) -> None:
    setattr(settings, name, "")
    for deed in (lambda: sip.place(ORDER), lambda: sip.standing("x"), lambda: sip.hang_up("x")):
        assert fault_of(deed).code == "not_set_up"
