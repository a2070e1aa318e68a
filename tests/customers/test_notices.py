"""Letters that are no word of a conversation: written once, sent once, in the customer's language."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection

from agents.models import Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers.letters import letter
from customers.models import ContactPoint, Customer, Notice
from customers.services import record_consent, remove_contact_point, write_notice
from customers.services.notices import send_next_notice
from tests import make
from tests.together import at_once

FACTS = {"points": 1500, "programme": "Fern Circle", "last_day": "2026-12-03"}


def mail_of(customer: Customer) -> ContactPoint:
    return customer.contact_points.get(kind="mail")


def a_notice(customer: Customer, key: str = "n1", **fields: Any) -> Notice:
    return write_notice(mail_of(customer), "points_expire", key=key, context=FACTS, **fields)


def sent(at: datetime | None = None) -> int:
    return sum(iter(lambda: send_next_notice(at=at), False))


def test_a_notice_is_written_once_under_its_key_and_sent_once(customer: Customer) -> None:
    assert a_notice(customer) == a_notice(customer)
    assert [sent(), sent()] == [1, 0]
    notice = Notice.objects.get()
    assert (notice.state, notice.due_at, notice.attempts) == ("sent", None, 1)
    (letter,) = mail.outbox
    assert letter.to == [mail_of(customer).value]
    assert letter.subject == "1,500 of your points end on 3 December 2026"
    assert "Hello Nora Nilsen," in letter.body
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"


def test_another_letter_under_the_key_is_refused(customer: Customer) -> None:
    a_notice(customer)
    with pytest.raises(Refused) as refusal:
        write_notice(mail_of(customer), "redeem_code", key="n1")
    assert refusal.value.code == "key_conflict"


def test_the_letter_is_in_the_customers_language_where_there_is_one_else_in_english(brand: Brand) -> None:
    said = {
        language: letter(a_notice(make.make_customer(brand=brand, language=language), language)).subject
        for language in ("de", "de-AT", "fr", "../../x", "")
    }
    german, english = (
        "1.500 Ihrer Punkte verfallen am 3. Dezember 2026",
        "1,500 of your points end on 3 December 2026",
    )
    assert said == {"de": german, "de-AT": german, "fr": english, "../../x": english, "": english}


def test_answers_reach_the_brands_first_queue(customer: Customer, brand: Brand, queue: Any) -> None:
    assert letter(a_notice(customer)).from_email == "Fern & Feather <help@ff.example>"


def test_names_cannot_forge_headers_nor_are_they_escaped(brand: Brand) -> None:
    customer = make.make_customer(brand=brand, name="Eve <b>&\r\nBcc: all@mail.example")
    made = letter(a_notice(customer))
    assert "Eve <b>&" in made.body
    assert "Bcc" not in made.message()


@pytest.mark.parametrize("why", ["removed", "withdrawn", "late"])
def test_who_may_not_be_written_to_any_more_is_not(customer: Customer, agent: Any, why: str) -> None:
    now = clock.now()
    notice = a_notice(customer, until=now + timedelta(days=1))
    if why == "removed":
        remove_contact_point(mail_of(customer), by=agent)
    if why == "withdrawn":
        record_consent(customer, "programme", given=False, source="call")
    sent(now + timedelta(days=1) if why == "late" else None)
    notice.refresh_from_db()
    assert (notice.state, len(mail.outbox)) == ("dropped", 0)
    assert notice.last_error


def test_consent_given_again_counts(customer: Customer) -> None:
    for given in (False, True):
        record_consent(customer, "programme", given=given, source="call")
    a_notice(customer)
    sent()
    assert len(mail.outbox) == 1


def test_only_a_mail_address_in_use_is_written_to(member: Customer, agent: Any) -> None:
    gone = remove_contact_point(mail_of(member), by=agent)
    for point in (gone, member.contact_points.get(kind="phone")):
        with pytest.raises(Refused) as refusal:
            write_notice(point, "points_expire", key="n")
        assert refusal.value.code == "not_reachable"


class DeadServer(EmailBackend):
    def send_messages(self, messages: Any) -> int:
        raise ConnectionRefusedError("nobody listens")


def test_what_cannot_be_sent_is_tried_again_later_and_given_up_in_the_end(
    customer: Customer, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "tests.customers.test_notices.DeadServer"
    notice, at = a_notice(customer), clock.now()
    for attempt in range(1, settings.MAIL_MAX_ATTEMPTS + 1):
        assert sent(at) == 1
        notice.refresh_from_db()
        assert (notice.attempts, "nobody listens" in notice.last_error) == (attempt, True)
        assert sent(at) == 0
        at = notice.due_at or at
    assert (notice.state, notice.due_at) == ("failed", None)


class LooksAround(EmailBackend):
    seen: list[bool] = []

    def send_messages(self, messages: Any) -> int:
        self.seen.append(connection.in_atomic_block)
        return super().send_messages(messages)


@pytest.mark.race
def test_of_workers_at_once_one_sends_it_and_outside_any_transaction(own_db: str, settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.customers.test_notices.LooksAround"
    LooksAround.seen.clear()
    for _ in range(3):
        mail.outbox.clear()
        a_notice(make.make_customer(), make.unique())
        at_once(*(partial(send_next_notice) for _ in range(3)))
        assert len(mail.outbox) == 1
    assert LooksAround.seen == [False] * 3


@pytest.mark.race
def test_control_without_the_lock_it_is_sent_twice(own_db: str) -> None:
    a_notice(make.make_customer(), make.unique())
    at_once(partial(send_next_notice), partial(send_next_notice), unlocked=True)
    assert len(mail.outbox) == 2
