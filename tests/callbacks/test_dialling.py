from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks

from callbacks.dialling import DIALLERS, DiallerDown, Order, tel
from callbacks.models import CallbackPolicy

SOUND = {
    "SIP_RPC": "http://10.0.0.2:5060/RPC",
    "SIP_DOMAIN": "sip.example.com",
    "VOICE_REST": "https://api.twilio.com",
    "VOICE_REST_ACCOUNT": "AC123",
    "VOICE_REST_TOKEN": "t0ken",
    "VOICE_FROM": "+4930900100",
}


def ids() -> set[str | None]:
    return {found.id for found in run_checks() if str(found.id).startswith("callbacks")}


@pytest.mark.parametrize(
    ("number", "link"),
    [("+4930123456", "tel:+4930123456"), ("030 / 12 34-56", "tel:030123456"), ("(030) 12.34", "tel:0301234")],
)
def test_the_agents_own_telephone_is_given_an_address(number: str, link: str) -> None:
    assert tel.place(Order("", number)).link == link
    assert tel.standing("") is None
    tel.hang_up("")


@pytest.mark.parametrize("number", ["", "+", "1", "call me", "+49;ext=1", "javascript:alert(1)", "+4930\n1x"])
def test_what_is_no_number_becomes_no_address(number: str) -> None:
    with pytest.raises(DiallerDown):
        tel.link(number)


def test_every_dialler_a_brand_can_choose_is_there() -> None:
    assert set(DIALLERS) == set(CallbackPolicy.Dialler.values)
    assert [kind for kind, dialler in DIALLERS.items() if dialler.EVERY is None] == ["tel"]


def test_no_two_calls_have_one_name() -> None:
    assert len({Order("", "").ref for _ in range(100)}) == 100


def test_a_desk_without_diallers_has_nothing_to_be_told() -> None:
    assert ids() == set()


@pytest.mark.parametrize("name", [None, *SOUND])
def test_a_dialler_that_is_half_set_up_is_refused(settings: Any, name: str | None) -> None:
    for one, value in SOUND.items():
        setattr(settings, one, "" if one == name else value)
    assert ids() == ({"callbacks.E001"} if name else set())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SIP_RPC", "10.0.0.2:5060"),
        ("SIP_RPC", "http://desk:secret@10.0.0.2/RPC"),
        ("SIP_DOMAIN", "sip.example.com;x"),
        ("VOICE_REST", "ftp://api.twilio.com"),
        ("VOICE_REST_ACCOUNT", "AC/123"),
        ("VOICE_FROM", "030 900100"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(settings: Any, name: str, value: str) -> None:
    for one, sound in (SOUND | {name: value}).items():
        setattr(settings, one, sound)
    assert ids() == {"callbacks.E001"}


def test_the_token_of_a_production_desk_does_not_go_out_in_the_clear(settings: Any) -> None:
    for one, sound in (SOUND | {"VOICE_REST": "http://api.example.com"}).items():
        setattr(settings, one, sound)
    assert ids() == set()
    settings.HTTPS, settings.ALLOWED_HOSTS = True, ["desk.example.com"]
    assert ids() == {"callbacks.E002"}
