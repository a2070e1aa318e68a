"""Our SIP dialler against Kamailio and two telephones: `make test-voice`, not part of `make test`."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from callbacks.dialling import DiallerDown, Order, Stage, Standing, Why, sip
from tests.voice.telephones import Telephone, free_ports, kamailio, missing, telephone, wait_until

pytestmark = pytest.mark.voice


@pytest.fixture(scope="session", autouse=True)
def packages() -> None:
    """Without the packages nothing here says anything, and that is a failure and no skip."""
    assert not missing(), f"Not installed: {', '.join(missing())}"


@pytest.fixture
def server(tmp_path: Path, settings: Any) -> Iterator[int]:
    """A SIP server that the settings name."""
    with kamailio(tmp_path, rings=4) as port:
        settings.SIP_RPC, settings.SIP_DOMAIN = f"http://127.0.0.1:{port}/RPC", f"127.0.0.1:{port}"
        yield port


@pytest.fixture
def agent(server: int, tmp_path: Path) -> Iterator[Telephone]:
    """The agent's telephone, which picks up by itself."""
    with telephone(tmp_path, "agent", server, picks_up=True) as phone:
        yield phone


@pytest.fixture
def customer(server: int, tmp_path: Path) -> Iterator[Telephone]:
    """The customer's, which rings until a key is pressed."""
    with telephone(tmp_path, "customer", server) as phone:
        yield phone


def placed(who: str = "customer") -> str:
    return sip.place(Order("agent", who)).ref


def wait_for(ref: str, stage: Stage) -> Standing:
    wait_until(lambda: (now := sip.standing(ref)) and now.stage == stage, f"the call is {stage}")
    standing = sip.standing(ref)
    assert standing
    return standing


def test_agent_and_customer_are_brought_together_and_the_call_is_followed(
    agent: Telephone, customer: Telephone
) -> None:
    ref = placed()
    assert wait_for(ref, Stage.RINGING) == Standing(Stage.RINGING)
    customer.press("accept")
    wait_for(ref, Stage.ANSWERED)
    wait_until(lambda: agent.hears("ESTABLISHED") and customer.hears("ESTABLISHED"), "both talk")
    time.sleep(1.1)
    customer.press("hangup")
    ended = wait_for(ref, Stage.ENDED)
    assert ended.why == Why.TALKED
    assert ended.seconds in (1, 2, 3)
    wait_until(lambda: not agent.hears("ESTABLISHED"), "the agent's line is free")


def test_a_call_is_ended_from_the_desk_while_they_talk(agent: Telephone, customer: Telephone) -> None:
    ref = placed()
    wait_for(ref, Stage.RINGING)
    customer.press("accept")
    wait_for(ref, Stage.ANSWERED)
    wait_until(lambda: customer.hears("ESTABLISHED"), "both lines stand")
    sip.hang_up(ref)
    assert wait_for(ref, Stage.ENDED).why == Why.TALKED
    wait_until(lambda: not customer.hears("ESTABLISHED"), "the customer's line is free")
    sip.hang_up(ref)  # over is over


def test_a_call_is_ended_from_the_desk_while_it_rings(agent: Telephone, customer: Telephone) -> None:
    ref = placed()
    wait_for(ref, Stage.RINGING)
    sip.hang_up(ref)
    assert wait_for(ref, Stage.ENDED) == Standing(Stage.ENDED, 0, Why.NO_ANSWER)
    wait_until(lambda: not customer.hears("INCOMING"), "the customer's line is quiet")


def test_a_customer_who_is_busy(agent: Telephone, customer: Telephone) -> None:
    ref = placed()
    wait_for(ref, Stage.RINGING)
    customer.press("hangup")  # baresip says 486 Busy Here
    assert wait_for(ref, Stage.ENDED) == Standing(Stage.ENDED, 0, Why.BUSY)


def test_a_customer_who_does_not_answer(agent: Telephone, customer: Telephone) -> None:
    ref = placed()
    wait_for(ref, Stage.RINGING)
    assert wait_for(ref, Stage.ENDED) == Standing(Stage.ENDED, 0, Why.NO_ANSWER)


def test_a_customer_nobody_knows(agent: Telephone) -> None:
    assert wait_for(placed("nobody"), Stage.ENDED) == Standing(Stage.ENDED, 0, Why.FAILED)


def test_an_agent_who_does_not_pick_up_leaves_the_customer_in_peace(
    server: int, customer: Telephone, tmp_path: Path
) -> None:
    with telephone(tmp_path, "agent", server) as agent:
        ref = placed()
        wait_until(lambda: agent.hears("INCOMING"), "the agent's line rings")
        assert sip.standing(ref) == Standing(Stage.PLACED)
        assert wait_for(ref, Stage.ENDED) == Standing(Stage.ENDED, 0, Why.AGENT)
        assert not customer.hears("INCOMING")


def test_the_agents_line_is_quiet_again_when_the_call_is_ended_before_it_is_picked_up(
    server: int, tmp_path: Path
) -> None:
    with telephone(tmp_path, "agent", server) as agent:
        ref = placed()
        wait_until(lambda: agent.hears("INCOMING"), "the agent's line rings")
        sip.hang_up(ref)
        wait_until(lambda: not agent.hears("INCOMING"), "the agent's line is quiet")
        assert wait_for(ref, Stage.ENDED) == Standing(Stage.ENDED, 0, Why.AGENT)


def test_an_agent_without_a_line_is_told(server: int, customer: Telephone) -> None:
    assert wait_for(placed(), Stage.ENDED) == Standing(Stage.ENDED, 0, Why.AGENT)


def test_what_was_never_placed_is_not_known(server: int) -> None:
    assert sip.standing("c0ffee") is None
    sip.hang_up("c0ffee")


def test_nobody_but_the_desk_may_ask(server: int) -> None:
    other = http.client.HTTPConnection("127.0.0.1", server, timeout=3, source_address=("127.0.0.2", 0))
    other.request("POST", "/RPC", body='{"jsonrpc": "2.0", "id": 1, "method": "core.version"}')
    assert other.getresponse().status == 403
    other.close()


def test_a_server_that_is_down_was_asked_for_nothing(settings: Any) -> None:
    port = free_ports(1)
    settings.SIP_RPC, settings.SIP_DOMAIN = f"http://127.0.0.1:{port}/RPC", f"127.0.0.1:{port}"
    with pytest.raises(DiallerDown) as caught:
        placed()
    assert (caught.value.code, caught.value.unsure) == ("unreachable", False)


def test_a_server_that_started_anew_does_not_know_the_call(tmp_path: Path, settings: Any) -> None:
    with ExitStack() as first:
        port = first.enter_context(kamailio(tmp_path))
        settings.SIP_RPC, settings.SIP_DOMAIN = f"http://127.0.0.1:{port}/RPC", f"127.0.0.1:{port}"
        (tmp_path / "phones").mkdir()
        first.enter_context(telephone(tmp_path / "phones", "agent", port, picks_up=True))
        first.enter_context(telephone(tmp_path / "phones", "customer", port))
        ref = placed()
        wait_for(ref, Stage.RINGING)
    with kamailio(tmp_path) as port:
        settings.SIP_RPC = f"http://127.0.0.1:{port}/RPC"
        assert sip.standing(ref) is None
