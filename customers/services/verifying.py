"""Finding out who a caller is: a code to a confirmed address, questions, the agent's own judgement.

A wrong try counts though it is refused: the functions that begin with `try_` give the refusal instead of raising it,
so that whoever calls can commit first.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Refused
from customers import codes
from customers.models import (
    ContactPoint,
    Customer,
    Merge,
    Notice,
    SentCode,
    Verification,
    VerificationPolicy,
)
from customers.questions import asked
from customers.services.history import SERVE, lock
from customers.services.notices import take_back_notice, write_notice
from customers.services.requiring import highest, outside, policy_of
from customers.verification import (
    CODE_LIVES,
    CODE_TRIES,
    LOCKED_FOR,
    WRONG_ANSWERS,
    Level,
    plain,
)

PURPOSE = "customers.verification"
TEMPLATE = "verify_code"
SAME_CLICK = timedelta(seconds=20)  # a second request so soon is the echo of the first
Method, State = Verification.Method, SentCode.State
Tried = tuple[Verification | None, Refused | None]


@transaction.atomic
def judge(
    customer: Customer, *, by: Agent, conversation: str = "", at: datetime | None = None
) -> Verification:
    """The agent is satisfied by what the caller said: level 1 and no more. Refused: `not_allowed`."""
    expect_right(by, SERVE, customer.brand_id)
    customer, at = lock(customer), at or clock.now()
    return _found_out(customer, Level.KNOWN, Method.JUDGED, by=by, conversation=conversation, at=at)


def answer(
    customer: Customer,
    answers: Mapping[str, str],
    *,
    by: Agent,
    conversation: str = "",
    at: datetime | None = None,
) -> Verification:
    """Compare what the caller said to the questions (by code): level 2 where enough is right.

    Refused: `not_allowed`, `too_few_answers`, `too_little_known`, `wrong_answers`, which counts, and
    `questions_locked` after the third of these within an hour, whoever asked.
    """
    with transaction.atomic():
        fact, refusal = try_answers(customer, answers, by=by, conversation=conversation, at=at)
    return _result(fact, refusal)


def try_answers(
    customer: Customer,
    answers: Mapping[str, str],
    *,
    by: Agent,
    conversation: str = "",
    at: datetime | None = None,
) -> Tried:
    """What `answer` does, in the caller's transaction."""
    expect_right(by, SERVE, customer.brand_id)
    customer, at = lock(customer), at or clock.now()
    policy = policy_of(customer.brand_id)
    _expect_unlocked(customer, at)
    known = {code: question.answers(customer) for code, question in asked(policy.questions).items()}
    said = {code: plain(words) for code, words in answers.items() if plain(words) and known.get(code)}
    _expect_enough(known, said, policy)
    right = sum(words in known[code] for code, words in said.items())
    level = Level.ANSWERED if right >= policy.right_answers else Level.UNKNOWN
    words: dict[str, Any] = {"by": by, "conversation": conversation, "at": at}
    fact = _found_out(customer, level, Method.QUESTIONS, **words)
    if level:
        return fact, None
    sentence = _("Too little of this is right. Which of the answers is not said, neither to you nor to them.")
    return None, Refused("wrong_answers", sentence)


@transaction.atomic
def send_code(
    point: ContactPoint, *, by: Agent, conversation: str = "", at: datetime | None = None
) -> SentCode:
    """Send a code of six digits to a confirmed address of the customer; one that waits in the conversation is void.

    Refused: `not_allowed`, `not_confirmed` for an address that nobody has confirmed or that is no mail address in
    use, `too_many_codes` within the hour.
    """
    expect_right(by, SERVE, point.brand_id)
    at, conversation = at or clock.now(), conversation or outside(by)
    customer = lock(point.customer)
    point = ContactPoint.ever.get(pk=point.pk)
    mails = point.kind == ContactPoint.Kind.MAIL and point.removed_at is None
    if not mails or point.verified_at is None or point.customer_id != customer.pk:
        raise not_confirmed()
    waiting = SentCode.objects.select_for_update().filter(
        customer=customer, conversation=conversation, state=State.WAITING
    )
    for one in waiting:
        if one.contact_point_id == point.pk and one.asked_at > at - SAME_CLICK:
            return one
        _end(one, State.VOID, at)
    _expect_few_codes(customer, at)
    code = SentCode.objects.create(
        brand_id=customer.brand_id, customer=customer, contact_point=point, conversation=conversation,
        nonce=codes.new_nonce(), by=by, asked_at=at, until=at + CODE_LIVES,
    )  # fmt: skip
    write_notice(point, TEMPLATE, key=notice_key(code), context={"code": code.pk}, at=at, until=code.until)
    return code


def not_confirmed() -> Refused:
    """The refusal of an address that no code may go to."""
    return Refused("not_confirmed", _("A code goes to a confirmed e-mail address of the customer only."))


def not_waiting() -> Refused:
    """The refusal of a code that was used, is void, or is of another conversation."""
    return Refused("not_waiting", _("This code does not wait any more. Send another one."))


def confirm_code(code: SentCode, typed: str, *, by: Agent, at: datetime | None = None) -> Verification:
    """The code that the customer read out: level 3.

    Refused: `not_allowed`, `wrong_code` with the tries that are left, `too_many_tries` and `code_over`, after
    which it is void, `not_waiting`.
    """
    with transaction.atomic():
        fact, refusal = try_code(code, typed, by=by, at=at)
    return _result(fact, refusal)


def try_code(code: SentCode, typed: str, *, by: Agent, at: datetime | None = None) -> Tried:
    """What `confirm_code` does, in the caller's transaction."""
    expect_right(by, SERVE, code.brand_id)
    at = at or clock.now()
    lock(code.customer)
    code = SentCode.objects.select_for_update(of=("self",)).select_related("customer").get(pk=code.pk)
    if code.state != State.WAITING:
        raise not_waiting()
    if code.until <= at:
        _end(code, State.VOID, at)
        return None, Refused("code_over", _("The time of this code is over. Send another one."))
    code.tries += 1
    if not codes.is_right(typed, PURPOSE, code.nonce):
        return None, _wrong(code, at)
    _end(code, State.CONFIRMED, at)
    words: dict[str, Any] = {"by": by, "conversation": code.conversation, "at": at}
    return _found_out(code.customer, Level.CODE, Method.CODE, **words), None


def digits_of(code: SentCode) -> str:
    """The six digits; they stand in no row."""
    return codes.digits(PURPOSE, code.nonce)


def notice_key(code: SentCode) -> str:
    """The key of the letter that carries a code."""
    return f"verify:{code.pk}"


def of_code(notice: Notice) -> dict[str, Any]:
    """What the letter says beyond its row: the code, made anew each time it is read."""
    return {"code": digits_of(SentCode.objects.get(pk=notice.context["code"]))}


def carry_over(merge: Merge) -> None:
    """Two customers are one: of what was found out of them only what holds of both goes on, for who merged them."""
    sides = [_holding(one, merge.at) for one in (merge.kept_id, merge.merged_id)]
    for code in SentCode.objects.filter(customer__in=[merge.kept_id, merge.merged_id], state=State.WAITING):
        take_back_notice(notice_key(code), why="customers were merged")
        _end(code, State.VOID, merge.at)
    if not any(sides) or merge.by is None:
        return
    both = [highest(facts, by=merge.by.pk, conversation="") for facts in sides]
    forget(merge.kept, by=merge.by, at=merge.at)
    facts = [one.fact for one in both if one.fact]
    if len(facts) == len(both):
        _write(
            merge.kept, min(fact.level for fact in facts), Method.MERGE, by=merge.by,
            conversation=outside(merge.by), at=merge.at, until=min(fact.until for fact in facts),
        )  # fmt: skip


def forget(customer: Customer, *, by: Agent, at: datetime) -> None:
    """All that was found out of a customer counts no more: they are somebody else by now."""
    latest = max((fact.until for fact in _holding(customer.pk, at)), default=None)
    if latest:
        words: dict[str, Any] = {"by": by, "conversation": outside(by), "at": at, "until": latest}
        _write(customer, Level.UNKNOWN, Method.MERGE, **words)


def _holding(customer: int, at: datetime) -> list[Verification]:
    return list(Verification.objects.filter(customer=customer).holding(at))


def _found_out(
    customer: Customer,
    level: Level,
    method: Verification.Method,
    *,
    by: Agent,
    conversation: str,
    at: datetime,
) -> Verification:
    minutes = timedelta(minutes=policy_of(customer.brand_id).minutes)
    until = at + (minutes if level else LOCKED_FOR)
    return _write(
        customer, level, method, by=by, conversation=conversation or outside(by), at=at, until=until
    )


def _write(customer: Customer, level: int, method: Verification.Method, **words: Any) -> Verification:
    return Verification.objects.create(
        brand_id=customer.brand_id, customer=customer, level=int(level), method=method, **words
    )


def _expect_unlocked(customer: Customer, at: datetime) -> None:
    failed = Verification.objects.filter(customer=customer, method=Method.QUESTIONS, level=Level.UNKNOWN)
    if failed.filter(at__gt=at - LOCKED_FOR).count() >= WRONG_ANSWERS:
        sentence = _("Too many wrong answers within an hour. Send a code, or ask again later.")
        raise Refused("questions_locked", sentence)


def _expect_enough(
    known: Mapping[str, set[str]], said: Mapping[str, str], policy: VerificationPolicy
) -> None:
    """Refuse what could not succeed before it counts as a wrong try."""
    needed = policy.right_answers
    if sum(map(bool, known.values())) < needed:
        sentence = _("Too little is known of this customer to ask for. Send a code instead.")
        raise Refused("too_little_known", sentence)
    if len(said) < needed:
        sentence = ngettext("Write down %d answer at least.", "Write down %d answers at least.", needed)
        raise Refused("too_few_answers", sentence % needed)


def _expect_few_codes(customer: Customer, at: datetime) -> None:
    most = policy_of(customer.brand_id).codes_an_hour
    sent = SentCode.objects.filter(customer=customer, asked_at__gt=at - timedelta(hours=1)).count()
    if sent >= most:
        sentence = ngettext(
            "%d code was sent within the hour; ask the questions, or wait.",
            "%d codes were sent within the hour; ask the questions, or wait.",
            sent,
        )
        raise Refused("too_many_codes", sentence % sent)


def _wrong(code: SentCode, at: datetime) -> Refused:
    left = CODE_TRIES - code.tries
    if left <= 0:
        _end(code, State.VOID, at)
        return Refused("too_many_tries", _("That was the last try. Send another code."))
    code.save(update_fields=["tries"])
    return wrong_code(left)


def wrong_code(left: int) -> Refused:
    """The refusal of a code that is not the one, with how many tries are left."""
    sentence = ngettext(
        "That is not the code; %d try is left.", "That is not the code; %d tries are left.", left
    )
    return Refused("wrong_code", sentence % left, details={"left": left})


def _end(code: SentCode, state: SentCode.State, at: datetime) -> None:
    code.state, code.ended_at = state, at
    code.save(update_fields=["tries", "state", "ended_at"])


def _result(fact: Verification | None, refusal: Refused | None) -> Verification:
    if refusal:
        raise refusal
    assert fact  # noqa: S101  one of the two is there
    return fact
