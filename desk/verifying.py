"""Who this is really, as the desk shows it: one quiet line, addresses as far as they may be read, and the dialog."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

import customers.services
import tickets.services
from agents.models import Agent
from contactcenter import clock
from customers.models import Customer, SentCode
from customers.questions import asked
from customers.services.requiring import Standing, highest
from customers.verification import Level, level_name, masked
from desk.lists import CustomerLists
from tickets.models import Ticket


@dataclass(frozen=True)
class Address:
    """A contact point as it is shown: `value` is masked while the caller is not verified as the brand wants it."""

    pk: int
    kind: str
    value: str
    verified_at: datetime | None
    is_masked: bool

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Caller:
    """How sure we are of who asks: in `words`, since when (None: not at all), and in which conversation."""

    level: int
    words: str
    since: datetime | None
    conversation: str

    @property
    def is_verified(self) -> bool:
        return self.level > Level.UNKNOWN


def caller_of(lists: CustomerLists, *, by: Agent | None, beside: Ticket | None = None) -> dict[str, Any]:
    """The line on who asks, and their addresses as far as they may be read."""
    if by is None:
        return {"caller": None, "contact_points": lists.contact_points, "is_masked": False}
    conversation = tickets.services.conversation_of(beside) if beside else ""
    has = highest(lists.facts, by=by.pk, conversation=conversation)
    hidden = has.level < lists.see
    shown = [_address(point, hidden=hidden) for point in lists.contact_points]
    return {"caller": told(has, conversation), "contact_points": shown, "is_masked": hidden}


def told(has: Standing, conversation: str) -> Caller:
    """A standing in words."""
    if has.fact is None:
        return Caller(has.level, _("Not verified"), None, conversation)
    words = _("Verified by %s") % level_name(has.level)
    return Caller(has.level, words, has.fact.at, conversation)


def dialog_of(customer: Customer, *, by: Agent, conversation: str) -> dict[str, Any]:
    """What the dialog offers: addresses for a code or the one that waits, the questions, the brand's own."""
    policy = customers.services.policy_of(customer.brand_id)
    where = conversation or customers.services.outside(by)
    waiting = SentCode.objects.filter(customer=customer, conversation=where, state=SentCode.State.WAITING)
    code = waiting.filter(until__gt=clock.now()).select_related("contact_point").first()
    has = customers.services.standing(customer, by=by, conversation=conversation)
    return {
        "customer": customer,
        "caller": told(has, conversation),
        "code": code,
        "sent_to": masked(code.contact_point.kind, code.contact_point.value) if code else "",
        "points": [_address(point, hidden=True) for point in customers.services.code_points(customer)],
        "questions": [(name, question.words) for name, question in asked(policy.questions).items()],
        "right_answers": policy.right_answers,
        "own_questions": policy.free_questions,
    }


def _address(point: Any, *, hidden: bool) -> Address:
    value = masked(point.kind, point.value) if hidden else point.value
    return Address(point.pk, point.kind, value, point.verified_at, hidden)
