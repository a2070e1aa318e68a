"""A promise kept over a real SIP server: what the try on file sees of it. Part of `make test-voice`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from callbacks.models import Attempt
from callbacks.services import ask_diallers, dial, done, proposed_outcome
from customers.models import Customer
from tests.callbacks import telephony
from tests.callbacks.telephony import make_accepted
from tests.voice.telephones import kamailio, telephone, wait_until

pytestmark = pytest.mark.voice
NUMBER = "+493012345678"


def test_the_try_sees_it_ring_answered_and_ended_with_its_seconds(
    member: Customer, tmp_path: Path, settings: Any
) -> None:
    callback = make_accepted(customer=member)
    telephony.dials_by(callback, "sip", line="ana")
    assert callback.owner
    with kamailio(tmp_path, rings=30) as port:
        settings.SIP_RPC, settings.SIP_DOMAIN = f"http://127.0.0.1:{port}/RPC", f"127.0.0.1:{port}"
        with telephone(tmp_path, "ana", port, picks_up=True), telephone(tmp_path, NUMBER, port) as customer:
            assert dial(callback, by=callback.owner, key="d1").fell_back == ""
            asked(lambda: Attempt.objects.get().ringing_at, "it rings")
            customer.press("accept")
            asked(lambda: Attempt.objects.get().answered_at, "it is answered")
            customer.press("hangup")
            asked(lambda: Attempt.objects.get().hung_up_at, "it is over")
    attempt = Attempt.objects.get()
    assert attempt.duration is not None
    assert timedelta(seconds=3) < attempt.duration < timedelta(seconds=12)
    assert (attempt.why, attempt.outcome, attempt.ask_at, proposed_outcome(attempt)) == ("", "", None, "")
    assert done(callback, by=callback.owner, key="o1").state == "kept"


def test_a_busy_customer_is_proposed_as_busy(member: Customer, tmp_path: Path, settings: Any) -> None:
    callback = make_accepted(customer=member)
    telephony.dials_by(callback, "sip", line="ana")
    assert callback.owner
    with kamailio(tmp_path, rings=30) as port:
        settings.SIP_RPC, settings.SIP_DOMAIN = f"http://127.0.0.1:{port}/RPC", f"127.0.0.1:{port}"
        with telephone(tmp_path, "ana", port, picks_up=True), telephone(tmp_path, NUMBER, port) as customer:
            dial(callback, by=callback.owner, key="d1")
            wait_until(lambda: customer.hears("INCOMING"), "the customer's telephone rings")
            customer.press("hangup")
            asked(lambda: Attempt.objects.get().hung_up_at, "it is over")
    assert proposed_outcome(Attempt.objects.get()) == "busy"


def asked(true: Any, what: str) -> None:
    """Ask as the clock does, until the try on file says so."""

    def seen() -> Any:
        ask_diallers()
        return true()

    wait_until(seen, what)
