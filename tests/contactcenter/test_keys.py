"""One key on two subjects at the same instant: one deed is done, the other is refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError

from agents import roles
from callbacks.services import done
from contactcenter.errors import Refused
from contactcenter.keys import digest
from customers.models import Customer
from goodwill.services import grant
from loyalty.services import adjust, earn, redeem
from tests import make
from tests.together import at_once
from tickets.models import Channel
from tickets.services import note, open_ticket, reply

Deed = partial[Any]


def openings(one: Customer, key: str) -> Deed:
    queue = make.make_queue(brand=one.brand)
    return partial(open_ticket, one, queue=queue, subject="?", channel=Channel.MAIL, key=key)


def replies(one: Customer, key: str) -> Deed:
    return partial(reply, make.make_ticket(customer=one), "Hello", by=somebody(one), key=key)


def notes(one: Customer, key: str) -> Deed:
    return partial(note, make.make_ticket(customer=one), "Hello", by=somebody(one), key=key)


def words(one: Customer, key: str) -> Deed:
    return partial(make.hear, make.make_ticket(customer=one), key=key)


def grants(one: Customer, key: str) -> Deed:
    reason = make.make_reason(brand=one.brand)
    return partial(grant, make.make_ticket(customer=one), 100, by=somebody(one), reason=reason, key=key)


def earnings(one: Customer, key: str) -> Deed:
    return partial(earn, one.account, 10, contra="issue.order", by=None, key=key)


def spends(one: Customer, key: str) -> Deed:
    return partial(redeem, one.account, 10, by=None, key=key)


def corrections(one: Customer, key: str) -> Deed:
    by = make.make_agent(brands=[one.brand], role=roles.SUPERVISOR)
    return partial(adjust, one.account, 10, by=by, reason="typo", key=key)


def promises(one: Customer, key: str) -> Deed:
    phone = make.make_phone(customer=one)
    return partial(make.make_callback, customer=one, by=somebody(one), contact_point=phone, key=key)


def outcomes(one: Customer, key: str) -> Deed:
    callback = make.make_callback(customer=one)
    return partial(done, callback, by=callback.owner, key=key)


def somebody(one: Customer) -> Any:
    return make.make_agent(brands=[one.brand])


DEEDS = [
    openings, replies, notes, words, grants, earnings, spends, corrections, promises, outcomes,
]  # fmt: skip


def on_two_customers(deeds: Callable[[Customer, str], Deed], key: str) -> list[Deed]:
    """The same deed under one key for two customers of two brands."""
    return [deeds(make.make_member(points=100), key) for _ in range(2)]


@pytest.mark.race
def test_one_key_on_two_subjects_at_once_is_done_once_and_refused_once(own_db: str) -> None:
    for deeds in DEEDS:
        for number in range(3):
            answers = at_once(*on_two_customers(deeds, f"{deeds.__name__}{number}"))
            refusals = [answer for answer in answers if isinstance(answer, Exception)]
            assert [getattr(refusal, "code", refusal) for refusal in refusals] == ["key_conflict"], deeds


@pytest.mark.race
def test_control_without_the_claim_of_the_key_the_second_is_an_error(own_db: str) -> None:
    for deeds in DEEDS:
        answers = at_once(*on_two_customers(deeds, deeds.__name__), unlocked=True)
        assert [type(answer) for answer in answers].count(IntegrityError) == 1, deeds


def test_a_key_used_for_another_subject_is_refused(db: None) -> None:
    for deeds in DEEDS:
        first, second = on_two_customers(deeds, deeds.__name__)
        first()
        with pytest.raises(Refused) as refusal:
            second()
        assert refusal.value.code == "key_conflict", deeds


def test_a_digest_tells_what_was_asked_apart() -> None:
    assert digest("earn", 1, None) == digest("earn", 1, None)
    assert (
        len({digest(*content) for content in [("a", "b"), ("ab",), ("a", None), ("a", 1), ("a", "1")]}) == 5
    )
