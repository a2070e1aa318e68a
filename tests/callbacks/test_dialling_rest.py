from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from callbacks.dialling import DIALLERS, DiallerDown, Order, Stage, Standing, Why, asking, rest
from tests.callbacks import dripping
from tests.ports import free_port

ACCOUNT, TOKEN, OURS = "AC0123456789", "s3cret-token", "+4930900100"
CALLS = f"/2010-04-01/Accounts/{ACCOUNT}/Calls"
AGENT, CUSTOMER = "+4930111222", "+4915112345678"
SID = "CA00112233445566778899aabbccddeeff"
HOOK = "https://desk.example.com/hooks/calls/7/?a=1&b=2"
ORDER = Order(AGENT, CUSTOMER, ref="c0ffee", hook=HOOK)


@pytest.fixture(autouse=True)
def service(settings: Any, httpserver: HTTPServer) -> Iterator[HTTPServer]:
    """A telephone service of our own, which the settings name."""
    settings.VOICE_REST = httpserver.url_for("").rstrip("/")
    settings.VOICE_REST_ACCOUNT, settings.VOICE_REST_TOKEN, settings.VOICE_FROM = ACCOUNT, TOKEN, OURS
    yield httpserver
    httpserver.check()


def stands(
    service: HTTPServer, agents: str, customers: str | None, duration: str | None = None
) -> Standing | None:
    """What the dialler makes of the two calls as the service has them."""
    calls = [] if customers is None else [{"sid": "CA1", "status": customers, "duration": duration}]
    service.expect_request(f"{CALLS}/{SID}.json").respond_with_json({"sid": SID, "status": agents})
    service.expect_request(f"{CALLS}.json", query_string={"ParentCallSid": SID}).respond_with_json(
        {"calls": calls}
    )
    return rest.standing(SID)


def down(ref: str = SID) -> DiallerDown:
    with pytest.raises(DiallerDown) as caught:
        rest.standing(ref)
    return caught.value


def test_a_call_is_asked_for_with_the_agent_first_and_the_customer_in_what_follows(
    service: HTTPServer,
) -> None:
    service.expect_request(f"{CALLS}.json", method="POST").respond_with_json({"sid": SID}, status=201)
    assert DIALLERS["rest"].place(ORDER).ref == SID
    asked = service.log[0][0]
    form = parse_qs(asked.get_data(as_text=True))
    assert asked.authorization is not None
    assert (asked.authorization.username, asked.authorization.password) == (ACCOUNT, TOKEN)
    assert (form["To"], form["From"], form["Timeout"]) == ([AGENT], [OURS], ["20"])
    assert form["StatusCallback"] == [HOOK]
    assert form["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]
    dial = ElementTree.fromstring(form["Twiml"][0]).find("Dial")  # noqa: S314  ours
    assert dial is not None
    assert (dial.get("callerId"), dial.get("timeout")) == (OURS, "30")
    number = dial.find("Number")
    assert number is not None
    assert number.text == CUSTOMER
    assert number.get("statusCallback") == HOOK
    assert number.get("statusCallbackEvent") == "initiated ringing answered completed"


def test_an_agent_may_have_a_line_of_the_telephone_system(service: HTTPServer) -> None:
    service.expect_request(f"{CALLS}.json", method="POST").respond_with_json({"sid": SID}, status=201)
    rest.place(Order("sip:ana@pbx.example.com", CUSTOMER))
    assert parse_qs(service.log[0][0].get_data(as_text=True))["To"] == ["sip:ana@pbx.example.com"]


@pytest.mark.parametrize(
    ("agents", "customers", "duration", "standing"),
    [
        ("queued", None, None, Standing(Stage.PLACED)),
        ("ringing", None, None, Standing(Stage.PLACED)),
        ("in-progress", None, None, Standing(Stage.PLACED)),
        ("in-progress", "queued", None, Standing(Stage.PLACED)),
        ("in-progress", "ringing", None, Standing(Stage.RINGING)),
        ("in-progress", "in-progress", None, Standing(Stage.ANSWERED)),
        ("completed", "completed", "154", Standing(Stage.ENDED, 154)),
        ("completed", "busy", "0", Standing(Stage.ENDED, 0, Why.BUSY)),
        ("completed", "no-answer", "0", Standing(Stage.ENDED, 0, Why.NO_ANSWER)),
        ("completed", "canceled", None, Standing(Stage.ENDED, None, Why.NO_ANSWER)),
        ("completed", "failed", None, Standing(Stage.ENDED, None, Why.FAILED)),
        ("no-answer", None, None, Standing(Stage.ENDED, 0, Why.AGENT)),
        ("busy", None, None, Standing(Stage.ENDED, 0, Why.AGENT)),
        ("completed", None, None, Standing(Stage.ENDED, 0, Why.AGENT)),
    ],
)
def test_how_a_call_stands(
    service: HTTPServer, agents: str, customers: str | None, duration: str | None, standing: Standing
) -> None:
    assert stands(service, agents, customers, duration) == standing


def test_a_call_the_service_does_not_know_is_none(service: HTTPServer) -> None:
    service.expect_request(f"{CALLS}/{SID}.json").respond_with_json({"code": 20404}, status=404)
    assert rest.standing(SID) is None
    assert rest.standing("c0ffee") is None  # our own name for it: the service was never heard of
    assert rest.standing("CA/../../x") is None
    assert len(service.log) == 1


def test_a_call_is_ended_from_here(service: HTTPServer) -> None:
    service.expect_request(f"{CALLS}/{SID}.json", method="POST").respond_with_json({"status": "completed"})
    rest.hang_up(SID)
    rest.hang_up("c0ffee")
    assert [parse_qs(asked.get_data(as_text=True)) for asked, _ in service.log] == [{"Status": ["completed"]}]


@pytest.mark.parametrize(
    ("status", "code", "unsure"),
    [
        (500, "out_of_order", True),
        (503, "out_of_order", True),
        (401, "account", False),
        (400, "refused", False),
    ],
)
def test_a_service_that_says_no_says_why(service: HTTPServer, status: int, code: str, unsure: bool) -> None:
    service.expect_request(f"{CALLS}.json").respond_with_data("<html>no</html>", status=status)
    with pytest.raises(DiallerDown) as caught:
        rest.place(ORDER)
    assert (caught.value.code, caught.value.unsure) == (code, unsure)
    assert caught.value.sentence.startswith("The telephone system ")


@pytest.mark.parametrize("answer", ["{", "[]", '{"sid": 5}', "", "null", "\xff"])
def test_an_answer_that_means_nothing_is_a_fault_and_the_call_may_stand(
    service: HTTPServer, answer: str
) -> None:
    service.expect_request(f"{CALLS}.json").respond_with_data(answer.encode("latin-1"), status=201)
    with pytest.raises(DiallerDown) as caught:
        rest.place(ORDER)
    assert (caught.value.code, caught.value.unsure) == ("nonsense", True)


@pytest.mark.parametrize(
    "calls", ["[]", '{"calls": 1}', '{"calls": [1]}', '{"calls": [{"status": "dancing"}]}', "{}", "x"]
)
def test_a_standing_that_means_nothing_is_a_fault(service: HTTPServer, calls: str) -> None:
    service.expect_request(f"{CALLS}/{SID}.json").respond_with_json({"sid": SID, "status": "in-progress"})
    service.expect_request(f"{CALLS}.json").respond_with_data(calls)
    assert down().code == "nonsense"


def test_an_answer_without_end_is_cut_off(service: HTTPServer) -> None:
    service.expect_request(f"{CALLS}/{SID}.json").respond_with_data(b" " * (asking.MOST_BYTES + 70_000))
    assert down().code == "nonsense"


def test_another_address_is_not_followed_with_our_token(service: HTTPServer) -> None:
    service.expect_request(f"{CALLS}/{SID}.json").respond_with_data(
        "", status=302, headers={"Location": service.url_for("/elsewhere")}
    )
    assert down().code == "out_of_order"
    assert len(service.log) == 1


def test_where_nobody_listens_nothing_was_placed(settings: Any) -> None:
    settings.VOICE_REST = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(DiallerDown) as caught:
        rest.place(ORDER)
    assert (caught.value.code, caught.value.unsure) == ("unreachable", False)


@pytest.mark.parametrize("every", [None, 0.4], ids=["says nothing", "a byte now and then"])
def test_nobody_waits_longer_than_three_seconds(settings: Any, every: float | None) -> None:
    with dripping.server(every=every) as address:
        settings.VOICE_REST = address
        begun = time.monotonic()
        with pytest.raises(DiallerDown) as caught:
            rest.place(ORDER)
        assert time.monotonic() - begun < 3.5
    assert (caught.value.code, caught.value.unsure) == ("slow", True)


def test_two_slow_answers_count_together(service: HTTPServer) -> None:
    def late(_request: Request) -> Response:
        time.sleep(1.8)
        return Response('{"status": "in-progress", "calls": []}')

    service.expect_request(f"{CALLS}/{SID}.json").respond_with_handler(late)
    service.expect_request(f"{CALLS}.json").respond_with_handler(late)
    begun = time.monotonic()
    assert down().code == "slow"
    assert time.monotonic() - begun < 3.5


@pytest.mark.parametrize("number", ["", "030 123", "+49 30 1", "+1</Number>", "sip:a@b", "+49301\n"])
def test_what_is_no_number_is_not_asked_for(number: str) -> None:
    with pytest.raises(DiallerDown) as caught:
        rest.place(Order(AGENT, number))
    assert caught.value.code == "bad_number"


@pytest.mark.parametrize("name", ["VOICE_REST", "VOICE_REST_ACCOUNT", "VOICE_REST_TOKEN", "VOICE_FROM"])
def test_a_service_that_is_not_set_up_is_not_asked(settings: Any, name: str) -> None:
    setattr(settings, name, "")
    for deed in (lambda: rest.place(ORDER), lambda: rest.standing(SID), lambda: rest.hang_up(SID)):
        with pytest.raises(DiallerDown) as caught:
            deed()
        assert caught.value.code == "not_set_up"


def test_neither_token_nor_numbers_are_written_to_the_log(
    service: HTTPServer, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    service.expect_request(f"{CALLS}.json").respond_with_data("no", status=500)
    with pytest.raises(DiallerDown):
        rest.place(ORDER)
    settings.VOICE_REST = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(DiallerDown):
        rest.place(ORDER)
    said = "\n".join(record.getMessage() for record in caplog.records if record.name != "werkzeug")
    assert "status 500" in said
    assert "unreachable (ConnectError)" in said
    assert not [word for word in (TOKEN, ACCOUNT, AGENT, CUSTOMER, "c0ffee") if word in said]


CALLED = {"CallSid": "CA9", "ParentCallSid": SID}


@pytest.mark.parametrize(
    ("event", "standing"),
    [
        (CALLED | {"CallStatus": "initiated"}, Standing(Stage.PLACED)),
        (CALLED | {"CallStatus": "ringing"}, Standing(Stage.RINGING)),
        (CALLED | {"CallStatus": "in-progress"}, Standing(Stage.ANSWERED)),
        (CALLED | {"CallStatus": "completed", "CallDuration": "61"}, Standing(Stage.ENDED, 61)),
        (CALLED | {"CallStatus": "busy", "CallDuration": "0"}, Standing(Stage.ENDED, 0, Why.BUSY)),
        ({"CallSid": SID, "CallStatus": "ringing"}, None),
        ({"CallSid": SID, "CallStatus": "completed"}, None),
        ({"CallSid": SID, "CallStatus": "no-answer"}, Standing(Stage.ENDED, 0, Why.AGENT)),
        ({}, None),
    ],
)
def test_what_an_event_says(event: dict[str, str], standing: Standing | None) -> None:
    assert rest.heard(event) == standing


def test_an_event_that_means_nothing_is_a_fault() -> None:
    with pytest.raises(DiallerDown):
        rest.heard(CALLED | {"CallStatus": "dancing"})


# The example of Twilio's own libraries.
PUBLISHED = {
    "CallSid": ["CA1234567890ABCDE"],
    "Digits": ["1234"],
    "From": ["+14158675309"],
    "To": ["+18005551212"],
    "Caller": ["+14158675309"],
}


def test_a_published_signature_is_taken_and_any_change_is_seen(settings: Any) -> None:
    settings.VOICE_REST_TOKEN, settings.PUBLIC_URL = "12345", "https://mycompany.com"
    path, good = "/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert rest.is_signed(path, PUBLISHED, good)
    assert not rest.is_signed("/myapp.php?foo=1&bar=3", PUBLISHED, good)
    assert not rest.is_signed(path, PUBLISHED | {"Digits": ["1235"]}, good)
    assert not rest.is_signed(path, {name: PUBLISHED[name] for name in ("CallSid", "To")}, good)
    assert not rest.is_signed(path, PUBLISHED, "")
    assert not rest.is_signed(path, PUBLISHED, "ö")
    settings.VOICE_REST_TOKEN = ""
    assert not rest.is_signed(path, PUBLISHED, good)
