"""What the customer is told of a call by mail: each once, in their language, and nothing that is not true any more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import transaction

from agents.models import Agent, Brand
from callbacks import services
from callbacks.models import Callback, CallbackPolicy, QuietHours
from callbacks.services import missing, telling
from callbacks.zones import place_of
from contactcenter.errors import Refused
from customers.models import Consent, ContactPoint, Customer, Notice
from customers.services import record_consent
from customers.services.notices import send_next_notice
from tests import make
from tickets.models import Ticket

MONDAY = make.instant("2026-05-04T10:00+02:00")
THURSDAY = (make.instant("2026-05-07T14:00+02:00"), make.instant("2026-05-07T15:00+02:00"))
FRIDAY = (make.instant("2026-05-08T09:00+02:00"), make.instant("2026-05-08T10:00+02:00"))
DAY_BEFORE = make.instant("2026-05-06T17:00+02:00")


@pytest.fixture
def phone(member: Customer) -> ContactPoint:
    return member.contact_points.get(kind="phone")


@pytest.fixture
def asked(ticket: Ticket, agent: Agent, phone: ContactPoint) -> dict[str, Any]:
    return {
        "by": agent, "reason": "Angry, wants money", "key": "c1", "ticket": ticket, "contact_point": phone,
        "at": MONDAY,
    }  # fmt: skip


@pytest.fixture
def callback(member: Customer, asked: dict[str, Any]) -> Callback:
    return services.promise(member, THURSDAY, **asked)


def sent(at: datetime) -> list[Any]:
    """The letters that leave up to `at`."""
    mail.outbox.clear()
    while send_next_notice(at=at):
        pass
    return list(mail.outbox)


def written() -> list[tuple[str, str]]:
    return list(
        Notice.objects.filter(template__startswith="callback").order_by("id").values_list("template", "state")
    )


def ics_of(letter: Any) -> str:
    (file,) = [one for one in letter.attachments if "calendar" in str(one)]
    return letter.message().as_string().partition("text/calendar")[2] and str(file[1])


def test_a_promise_is_told_with_its_link_and_its_file_in_safe_words(callback: Callback) -> None:
    (letter,) = sent(MONDAY)
    assert letter.subject == "We call you on Thursday, 7 May"
    for words in (
        "Thursday, 7 May 2026, 14:00 to 15:00 (time of Berlin)",
        "Ada from our team",
        "ending in 78",
        callback.ticket.reference,
        "/call/",
    ):
        assert words in letter.body
    for words in ("Angry", "+4930", "Amsel"):
        assert words not in letter.body + ics_of(letter)
    assert "METHOD:PUBLISH" in ics_of(letter)


def test_the_same_promise_again_is_told_once(member: Customer, asked: dict[str, Any]) -> None:
    for _again in range(2):
        services.promise(member, THURSDAY, **asked)
    assert written() == [("callback_promised", "queued"), ("callback_reminder", "queued")]


def test_a_promise_that_is_rolled_back_was_never_told(member: Customer, asked: dict[str, Any]) -> None:
    with transaction.atomic():
        services.promise(member, THURSDAY, **asked)
        assert len(written()) == 2
        transaction.set_rollback(True)
    assert written() == []


def test_it_speaks_german_to_germans(member: Customer, asked: dict[str, Any]) -> None:
    Customer.objects.filter(pk=member.pk).update(language="de")
    services.promise(member, THURSDAY, **asked)
    (letter,) = sent(MONDAY)
    assert letter.subject == "Wir rufen Sie am Donnerstag, 7. Mai an"
    assert "SUMMARY:Anruf von Fern" in ics_of(letter)
    (reminder,) = sent(DAY_BEFORE)
    assert reminder.subject == "Morgen rufen wir Sie an"


def test_the_customer_is_reminded_at_five_on_the_day_before(callback: Callback) -> None:
    sent(MONDAY)
    assert sent(DAY_BEFORE - timedelta(minutes=1)) == []
    (reminder,) = sent(DAY_BEFORE)
    assert (reminder.subject, "14:00 to 15:00" in reminder.body) == ("Tomorrow we call you", True)
    assert sent(DAY_BEFORE) == []


def test_a_reminder_that_could_not_leave_in_time_is_dropped(callback: Callback) -> None:
    sent(MONDAY)
    assert sent(THURSDAY[0]) == []
    assert written()[-1] == ("callback_reminder", "dropped")


@pytest.mark.parametrize(
    ("opens", "closes", "hour"),
    [("08:00", "21:00", 17), ("08:00", "16:30", 15), ("18:00", "21:00", 18), ("08:00", "00:00", 17)],
)
def test_a_reminder_keeps_to_hours_that_are_not_quiet(
    member: Customer, brand: Brand, opens: str, closes: str, hour: int
) -> None:
    QuietHours.objects.create(brand=brand, country="", opens="08:00", closes="09:30")
    QuietHours.objects.create(brand=brand, country=member.country, opens=opens, closes=closes)
    due = telling.day_before(THURSDAY[0], place_of(member), brand.pk).astimezone(ZoneInfo("Europe/Berlin"))
    assert (due.day, due.hour) == (6, hour)


def test_nobody_is_reminded_of_a_call_within_a_day(member: Customer, asked: dict[str, Any]) -> None:
    services.promise(member, (MONDAY + timedelta(hours=4), MONDAY + timedelta(hours=5)), **asked)
    assert written() == [("callback_promised", "queued")]


def test_nobody_is_reminded_who_said_no_to_calls_meanwhile(callback: Callback, member: Customer) -> None:
    sent(MONDAY)
    record_consent(member, Consent.Purpose.CALLS, given=False, source="call")
    assert sent(DAY_BEFORE) == []
    assert written()[-1] == ("callback_reminder", "dropped")


def test_nobody_is_reminded_whose_brand_does_not(
    member: Customer, asked: dict[str, Any], brand: Brand
) -> None:
    CallbackPolicy.objects.create(brand=brand, reminds_customers=False)
    services.promise(member, THURSDAY, **asked)
    assert written() == [("callback_promised", "queued")]


def test_moving_is_told_and_the_reminder_goes_along(callback: Callback, agent: Agent) -> None:
    (first,) = sent(MONDAY)
    for _again in range(2):
        services.move(callback, FRIDAY, by=agent, key="m1", at=MONDAY)
    (moved,) = sent(MONDAY)
    assert moved.subject == "Your call is now on Friday, 8 May"
    assert sent(DAY_BEFORE) == []
    (reminder,) = sent(make.instant("2026-05-07T17:00+02:00"))
    assert "Friday, 8 May 2026, 09:00" in reminder.body
    assert written()[1] == ("callback_reminder", "dropped")
    assert uid_and_sequence(ics_of(first))[0] == uid_and_sequence(ics_of(moved))[0]


def test_who_moves_it_there_and_back_is_reminded_all_the_same(callback: Callback) -> None:
    services.move(callback, FRIDAY, by=None, key="", at=MONDAY)
    services.move(callback, THURSDAY, by=None, key="", at=MONDAY)
    sent(MONDAY)
    (reminder,) = sent(DAY_BEFORE)
    assert "14:00 to 15:00" in reminder.body


@pytest.mark.parametrize("by_customer", [True, False])
def test_cancelling_is_told_and_nobody_is_reminded(
    callback: Callback, agent: Agent, by_customer: bool
) -> None:
    sent(MONDAY)
    for _again in range(2):
        services.cancel(callback, by=None if by_customer else agent, at=MONDAY)
    (letter,) = sent(MONDAY)
    assert letter.subject == "Your call on Thursday, 7 May is cancelled"
    assert ("as you wished" in letter.body, "/call-me/" in letter.body) == (by_customer, True)
    assert "METHOD:CANCEL" in ics_of(letter)
    assert sent(DAY_BEFORE) == []


def test_a_missed_call_is_told_with_an_apology_and_the_new_window(callback: Callback) -> None:
    (first,) = sent(MONDAY)
    again = missing.miss(services.lock(callback), THURSDAY[1])
    assert again is not None
    (letter,) = sent(THURSDAY[1])
    assert letter.subject == "We are sorry: we did not call"
    assert "15:30 to 16:30" in letter.body
    assert "14:00 to 15:00" in letter.body
    uid, sequence = uid_and_sequence(ics_of(letter))
    assert (uid, sequence > 0) == (uid_and_sequence(ics_of(first))[0], True)
    assert [template for template, _state in written()].count("callback_promised") == 1


def test_a_call_missed_for_good_asks_to_choose_another(
    callback: Callback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(missing, "MAKES_UP", 0)
    sent(MONDAY)
    assert missing.miss(services.lock(callback), THURSDAY[1]) is None
    (letter,) = sent(THURSDAY[1])
    assert "/call-me/" in letter.body
    assert "METHOD:CANCEL" in ics_of(letter)


def test_who_cannot_be_reached_is_told_so_with_the_page_to_ask_again(
    callback: Callback, agent: Agent
) -> None:
    sent(MONDAY)
    services.not_reached(callback, "wrong_number", by=agent, key="w", at=THURSDAY[0])
    (letter,) = sent(THURSDAY[0])
    assert letter.subject == "We could not reach you"
    assert "/call-me/" in letter.body


def test_a_call_kept_or_tried_early_reminds_nobody(callback: Callback, agent: Agent) -> None:
    sent(MONDAY)
    services.not_reached(callback, "no_answer", by=agent, key="n", at=MONDAY)
    services.done(callback, by=agent, key="d", at=MONDAY)
    assert sent(DAY_BEFORE) == []


def test_who_has_no_mail_address_is_told_nothing(brand: Brand, agent: Agent) -> None:
    customer = make.make_customer(brand=brand, mail="", phone="+493055555555")
    call = make.make_callback(customer=customer, by=agent)
    services.cancel(call, by=agent)
    assert written() == []


def test_tasks_and_calls_that_were_our_idea_alone_are_told_to_nobody_until_the_customer_moves_one(
    member: Customer, agent: Agent
) -> None:
    services.cancel(make.make_callback(customer=member, by=agent, kind="task"), by=agent)
    ours = make.make_callback(customer=member, by=agent, more=services.More(source="ledger"))
    assert written() == []
    services.move(ours, make.next_day(member.zone, days=3), by=agent, key="asked")
    assert [template for template, _state in written()] == ["callback_moved", "callback_reminder"]


def test_a_key_that_changes_each_time_would_tell_twice(
    callback: Callback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the letters' keys alone keep a repeated telling from being a second letter."""
    telling.tell_promised(callback, at=MONDAY)
    assert len(sent(MONDAY)) == 1
    whole = telling.customers.services.write_notice

    def careless(*what: Any, key: str, **more: Any) -> Any:
        return whole(*what, key=make.unique("careless"), **more)

    monkeypatch.setattr(telling.customers.services, "write_notice", careless)
    telling.tell_promised(callback, at=MONDAY)
    assert len(sent(MONDAY)) == 1


def test_a_reminder_that_is_not_taken_back_would_tell_of_a_call_that_is_off(
    callback: Callback, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control to the reminders above."""
    sent(MONDAY)
    monkeypatch.setattr(telling.customers.services, "take_back_notice", lambda *_what, **_more: True)
    services.cancel(callback, by=agent, at=MONDAY)
    sent(MONDAY)
    assert [letter.subject for letter in sent(DAY_BEFORE)] == ["Tomorrow we call you"]


def test_a_video_calls_letter_says_where_one_meets(brand: Brand, agent: Agent) -> None:
    CallbackPolicy.objects.create(brand=brand, video_url="https://meet.example/ff")
    customer = make.make_customer(brand=brand)
    services.promise(
        customer, THURSDAY, by=agent, reason="Show", key="v", contact_point=customer.contact_points.get(),
        more=services.More(channel="video"), at=MONDAY,
    )  # fmt: skip
    for letter in (*sent(MONDAY), *sent(DAY_BEFORE)):
        assert "https://meet.example/ff/" in letter.body


def test_a_promise_that_is_refused_is_not_told(member: Customer, asked: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        services.promise(member, (MONDAY - timedelta(hours=2), MONDAY - timedelta(hours=1)), **asked)
    assert written() == []


def uid_and_sequence(text: str) -> tuple[str, int]:
    lines = dict(line.split(":", 1) for line in text.replace("\r\n ", "").splitlines() if ":" in line)
    return lines["UID"], int(lines["SEQUENCE"])


def test_a_letter_tells_the_time_of_where_the_number_is_as_the_page_does(brand: Brand, agent: Agent) -> None:
    customer = make.make_customer(brand=brand)
    phone = make.make_phone(customer=customer, number="+81312345678")
    window = (make.instant("2026-05-07T10:00+09:00"), make.instant("2026-05-07T11:00+09:00"))
    services.promise(customer, window, by=agent, reason="x", key="tokyo", contact_point=phone, at=MONDAY)
    (letter,) = sent(MONDAY)
    assert "7 May 2026, 10:00 to 11:00 (time of Tokyo)" in letter.body
    assert sent(make.instant("2026-05-06T16:59+09:00")) == []
    assert len(sent(make.instant("2026-05-06T17:00+09:00"))) == 1


def test_a_letter_about_what_is_somebody_elses_call_by_now_does_not_leave(
    member: Customer, asked: dict[str, Any], brand: Brand
) -> None:
    call = services.promise(member, THURSDAY, **(asked | {"ticket": None}))
    stranger = make.make_customer(brand=brand, phone="+4930999999")
    Callback.objects.filter(pk=call.pk).update(
        customer=stranger, contact_point=stranger.contact_points.get(kind="phone")
    )
    assert sent(MONDAY) == []
    assert Notice.objects.get(template="callback_promised").state != "sent"
