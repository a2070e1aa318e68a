"""Who is this really: codes, questions, the agent's word, and what each of them opens."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core import mail

from agents import roles
from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers import services
from customers.models import (
    Consent,
    ContactPoint,
    Customer,
    Notice,
    SentCode,
    Verification,
    VerificationPolicy,
)
from customers.services.notices import send_next_notice
from customers.services.verifying import digits_of
from customers.verification import CODE_TRIES, DEFAULTS, Deed, Level, birthday_forms, masked, plain
from goodwill.services import grant
from loyalty.models import Entry
from loyalty.services import adjust, redeem, redeem_reward, transfer
from tests import make
from tests.together import at_once
from tickets.models import Ticket
from tickets.services import judge_caller


def refusal(deed: Any, *args: Any, **kwargs: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        deed(*args, **kwargs)
    return caught.value


def code_of(deed: Any, *args: Any, **kwargs: Any) -> str:
    return refusal(deed, *args, **kwargs).code


@pytest.fixture
def wary(brand: Brand) -> VerificationPolicy:
    return make.make_wary(brand)


@pytest.fixture
def point(member: Customer) -> ContactPoint:
    """A confirmed address of the member."""
    point = member.contact_points.get(kind="mail")
    return services.verify_contact_point(point, by=make.make_agent(brands=[member.brand]))


def level(customer: Customer, by: Agent, **words: Any) -> int:
    return services.standing(customer, by=by, **words).level


def other_than(code: SentCode) -> str:
    return f"{(int(digits_of(code)) + 1) % 1_000_000:06d}"


def test_a_code_goes_to_a_confirmed_address_and_verifies_who_reads_it_out(
    point: ContactPoint, member: Customer, agent: Agent
) -> None:
    code = services.send_code(point, by=agent)
    assert send_next_notice()
    assert mail.outbox[0].to == [point.value]
    assert digits_of(code) in mail.outbox[0].body
    assert digits_of(code) not in str([*Notice.objects.values(), *SentCode.objects.values()])

    fact = services.confirm_code(code, f" {digits_of(code)[:3]} {digits_of(code)[3:]} ", by=agent)
    assert (fact.level, fact.method, fact.until - fact.at) == (Level.CODE, "code", timedelta(hours=1))
    assert level(member, agent) == Level.CODE
    assert code_of(services.confirm_code, code, digits_of(code), by=agent) == "not_waiting"


def test_after_five_wrong_tries_a_code_is_void_and_the_right_one_too_late(
    point: ContactPoint, member: Customer, agent: Agent
) -> None:
    code = services.send_code(point, by=agent)
    codes = [code_of(services.confirm_code, code, other_than(code), by=agent) for _ in range(CODE_TRIES)]
    assert codes == ["wrong_code"] * 4 + ["too_many_tries"]
    assert code_of(services.confirm_code, code, digits_of(code), by=agent) == "not_waiting"
    assert level(member, agent) == Level.UNKNOWN


def test_a_code_lives_ten_minutes_and_only_the_last_one_of_a_conversation_waits(
    point: ContactPoint, agent: Agent
) -> None:
    now = clock.now()
    first = services.send_code(point, by=agent, at=now)
    assert services.send_code(point, by=agent, at=now + timedelta(seconds=5)) == first  # a second click
    second = services.send_code(point, by=agent, at=now + timedelta(minutes=1))
    assert code_of(services.confirm_code, first, digits_of(first), by=agent) == "not_waiting"
    late = now + timedelta(minutes=11)
    assert code_of(services.confirm_code, second, digits_of(second), by=agent, at=late) == "code_over"
    third = services.send_code(point, by=agent, at=late)
    assert third.until == late + timedelta(minutes=10)


def test_no_more_codes_go_out_in_an_hour_than_the_brand_says_nor_to_an_address_nobody_confirmed(
    point: ContactPoint, member: Customer, agent: Agent, wary: VerificationPolicy
) -> None:
    now = clock.now()
    for minutes in (0, 5, 10):
        services.send_code(point, by=agent, at=now + timedelta(minutes=minutes))
    at = now + timedelta(minutes=15)
    assert (
        code_of(services.send_code, point, by=make.make_agent(brands=[member.brand]), at=at)
        == "too_many_codes"
    )
    assert services.send_code(point, by=agent, at=now + timedelta(minutes=61))
    unconfirmed = make.make_mail(customer=member)
    assert code_of(services.send_code, unconfirmed, by=agent) == "not_confirmed"
    assert code_of(services.send_code, member.contact_points.get(kind="phone"), by=agent) == "not_confirmed"


@pytest.fixture
def known(member: Customer) -> Customer:
    """The member, of whom four things can be asked."""
    make.make_order(customer=member, number="A-20931", amount_minor=4210)
    return services.set_birthday(member, 2, 9)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"order_number": "A20931", "birthday": "09/02"}, 2),
        ({"order_number": "A20931", "order_total": "EUR 42,10"}, 2),
        ({"order_number": "A20931", "birthday": "9.3.", "order_total": "42.10"}, 2),  # two of three
        ({"order_number": "A20931", "birthday": "9.3."}, "wrong_answers"),
        ({"order_number": "A20931"}, "too_few_answers"),
        ({"order_number": "A20931", "nothing": "x", "birthday": " "}, "too_few_answers"),
    ],
)
def test_enough_right_answers_verify_and_what_could_not_succeed_does_not_count(
    said: dict[str, str], found: int | str, known: Customer, agent: Agent
) -> None:
    if isinstance(found, int):
        assert services.answer(known, said, by=agent).level == found
    else:
        assert code_of(services.answer, known, said, by=agent) == found
    failed = Verification.objects.filter(level=0).count()
    assert failed == (found == "wrong_answers")


def test_after_three_failures_within_an_hour_questions_are_locked_whoever_asks(
    known: Customer, agent: Agent, supervisor: Agent
) -> None:
    now, wrong = clock.now(), {"order_number": "1", "birthday": "1.1."}
    for minutes, who in enumerate((agent, supervisor, agent)):
        at = now + timedelta(minutes=minutes)
        assert code_of(services.answer, known, wrong, by=who, at=at) == "wrong_answers"
    right = {"order_number": "A20931", "birthday": "9.2."}
    late = now + timedelta(minutes=30)
    assert code_of(services.answer, known, right, by=supervisor, at=late) == "questions_locked"
    assert services.answer(known, right, by=agent, at=now + timedelta(minutes=61))


def test_of_whom_too_little_is_known_nothing_is_asked(customer: Customer, agent: Agent) -> None:
    assert code_of(services.answer, customer, {"birthday": "1.1."}, by=agent) == "too_little_known"


def test_a_verification_holds_in_its_ticket_for_all_and_elsewhere_for_who_found_it_out_until_it_is_over(
    member: Customer, agent: Agent, supervisor: Agent
) -> None:
    now = clock.now()
    services.judge(member, by=agent, conversation="ticket:1", at=now)
    in_it, outside = {"conversation": "ticket:1"}, {"conversation": ""}
    assert [level(member, who, **in_it) for who in (agent, supervisor)] == [1, 1]
    assert [level(member, who, **outside) for who in (agent, supervisor)] == [1, 0]
    assert level(member, agent, conversation="ticket:2") == 0
    assert level(member, agent, at=now + timedelta(hours=1)) == 0
    services.judge(member, by=supervisor)
    assert level(member, supervisor, conversation="ticket:2") == 1
    assert level(make.make_member(brand=member.brand), agent) == 0


def deeds(member: Customer, by: Agent) -> dict[str, Any]:
    """Everything that is held, as a call."""
    account, mail = member.account, member.contact_points.get(kind="mail")
    other = make.make_member(brand=member.brand).account
    reward = make.make_reward(brand=member.brand)
    return {
        "change": [
            lambda: services.add_contact_point(member, "phone", "+493099887766", by=by),
            lambda: services.correct_contact_point(mail, "new@mail.example", by=by),
            lambda: services.remove_contact_point(mail, by=by),
            lambda: services.verify_contact_point(member.contact_points.get(kind="phone"), by=by),
            lambda: services.edit_profile(member, {"name": "Somebody"}, by=by),
            lambda: services.edit_profile(member, {"birthday": "01-01"}, by=by),
        ],
        "redeem": [
            lambda: redeem_reward(account, reward, by=by, key="r"),
            lambda: redeem(account, 10, by=by, key="p"),
        ],
        "transfer": [lambda: transfer(account, other, 10, by=by, key="t")],
        "adjust": [lambda: adjust(account, 5, by=by, reason="missing_order", key="a")],
        "merge": [lambda: services.merge(member, other.customer, by=by, reason="twice", key="m")],
        "statement": [
            lambda: services.change_consent(member, "statement", given=True, source="call", by=by, seen=None)
        ],
    }


@pytest.mark.parametrize("deed", [deed for deed in Deed if deed != Deed.SEE])
def test_each_deed_is_held_until_the_level_that_the_brand_names_for_it(
    deed: Deed, member: Customer, point: ContactPoint, brand: Brand, supervisor: Agent, late_parcel: Any
) -> None:
    make.make_wary(brand, **dict.fromkeys(Deed.values, 0) | {deed.value: 3})
    services.judge(member, by=supervisor)
    calls = deeds(member, supervisor)[deed.value]
    before = [
        list(model.objects.order_by("pk").values()) for model in (ContactPoint, Entry, Consent, Customer)
    ]
    for call in calls:
        refused = refusal(call)
        assert (refused.code, refused.details["needed"], refused.details["has"]) == (
            "verification_needed",
            3,
            1,
        )
        assert "takes a code; so far: the agent’s own judgement. Send a code" in refused.sentence
    after = [
        list(model.objects.order_by("pk").values()) for model in (ContactPoint, Entry, Consent, Customer)
    ]
    assert after == before
    code = services.send_code(point, by=supervisor)
    services.confirm_code(code, digits_of(code), by=supervisor)
    if deed == Deed.MERGE:
        assert code_of(calls[0]) == "verification_needed"  # of the other one nobody knows
    else:
        assert calls[-1]()


def test_goodwill_asks_in_its_ticket_and_a_repeat_is_answered_whoever_is_verified_by_then(
    member: Customer, ticket: Ticket, brand: Brand, agent: Agent, late_parcel: Any
) -> None:
    make.make_wary(brand, adjust=1)
    give = {"by": agent, "reason": late_parcel, "key": "k"}
    assert code_of(grant, ticket, 50, **give) == "verification_needed"
    judge_caller(ticket, by=agent)
    assert grant(ticket, 50, **give) == grant(ticket, 50, **give, at=clock.now() + timedelta(hours=2))


def test_a_brand_that_has_set_nothing_asks_what_is_safe_and_machines_and_the_system_are_not_held(
    member: Customer, brand: Brand, agent: Agent
) -> None:
    VerificationPolicy.objects.all().delete()
    assert {deed: services.policy_of(brand.pk).needs(deed) for deed in Deed} == DEFAULTS
    shop = make.make_agent(brands=[brand], role=roles.INTEGRATION)
    assert services.add_contact_point(member, "phone", "+493099887766", by=shop)
    assert services.add_contact_point(member, "phone", "+493099887767")
    assert code_of(services.edit_profile, member, {"name": "Else"}, by=agent) == "verification_needed"
    assert services.edit_profile(member, {"city": "Bergen"}, by=agent).city == "Bergen"


def test_who_can_be_asked_nothing_is_given_a_first_address_on_the_agents_word(
    brand: Brand, agent: Agent, wary: VerificationPolicy
) -> None:
    stranger = make.make_customer(brand=brand, mail="", name="New")
    add = {"kind": "mail", "value": "new@mail.example", "by": agent}
    assert refusal(services.add_contact_point, stranger, **add).details["needed"] == Level.KNOWN
    services.judge(stranger, by=agent)
    assert services.add_contact_point(stranger, **add)


def test_a_merge_leaves_the_lower_level_of_both_and_its_undoing_nothing(
    member: Customer, point: ContactPoint, brand: Brand, agent: Agent, supervisor: Agent
) -> None:
    other = make.make_customer(brand=brand)
    code = services.send_code(point, by=supervisor)
    services.confirm_code(code, digits_of(code), by=supervisor)
    services.judge(other, by=supervisor)
    services.judge(member, by=agent)
    waiting = services.send_code(point, by=agent)
    merged = services.merge(member, other, by=supervisor, reason="twice", key="m")
    assert (level(member, supervisor), level(member, agent)) == (1, 0)
    assert code_of(services.confirm_code, waiting, digits_of(waiting), by=agent) == "not_waiting"
    services.unmerge(merged, by=supervisor, key="u")
    assert [level(one, supervisor) for one in (member, other)] == [0, 0]


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("mail", "mara.mond@mail.example", "m•••@mail.example"),
        ("phone", "+493012345678", "•••678"),
        ("handle", "chat:mara", "chat:m•••"),
    ],
)
def test_a_masked_address_is_known_by_its_owner_only(kind: str, value: str, shown: str) -> None:
    assert masked(kind, value) == shown


def test_answers_are_compared_by_letters_and_figures_alone() -> None:
    assert plain(" #Á-20 931. ") == "a20931"
    assert birthday_forms("02-09") >= {plain("9.2."), plain("09.02"), plain("2/9"), plain("02-09")}
    assert birthday_forms("") == set()


@pytest.mark.race
class TestRaces:
    def tries(self, **how: Any) -> tuple[SentCode, list[Any]]:
        member = make.make_member()
        member.contact_points.update(verified_at=clock.now())
        agent = make.make_agent(brands=[member.brand])
        code = services.send_code(member.contact_points.get(), by=agent)
        deed = partial(services.confirm_code, code, other_than(code), by=agent)
        answers = at_once(*[deed] * 8, **how)
        code.refresh_from_db()
        return code, answers

    def test_of_eight_tries_at_once_five_are_compared(self, own_db: str) -> None:
        for _ in range(3):
            code, answers = self.tries()
            codes = sorted(one.code for one in answers)
            assert codes == ["not_waiting"] * 3 + ["too_many_tries"] + ["wrong_code"] * 4
            assert (code.tries, code.state) == (5, "void")

    def test_control_without_the_locks_more_are_compared_than_are_counted(self, own_db: str) -> None:
        code, answers = self.tries(unlocked=True)
        compared = [one for one in answers if isinstance(one, Refused) and one.code == "wrong_code"]
        assert len(compared) > code.tries
