"""Which level of verification a deed needs, and whether the one who asks has reached it: the one home of that rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from agents import roles
from agents.models import Agent
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import ContactPoint, Customer, Verification, VerificationPolicy
from customers.questions import asked
from customers.verification import Deed, Level, level_name, way_to

Method = Verification.Method


@dataclass(frozen=True)
class Standing:
    """How sure we are of who asks: `level`, and the fact that says so (None: nothing does)."""

    level: int
    fact: Verification | None = None


def outside(by: Agent) -> str:
    """The conversation of an agent who serves a customer outside of any ticket."""
    return f"agent:{by.pk}"


def policy_of(brand_id: int) -> VerificationPolicy:
    """What the brand (id) asks for; where nobody has set anything, the defaults."""
    return VerificationPolicy.objects.filter(brand=brand_id).first() or VerificationPolicy(brand_id=brand_id)


def standing(
    customer: Customer, *, by: Agent, conversation: str = "", at: datetime | None = None
) -> Standing:
    """How sure we are of `customer` in this `conversation`, of a ticket, or outside of any ("").

    What was found out in a ticket holds in it for whoever works it, and outside for who found it out. What an
    agent found out outside holds for that agent, in tickets too. It holds until it is over and never beyond a merge.
    """
    facts = Verification.objects.filter(customer=customer).holding(at or clock.now())
    return highest(facts, by=by.pk, conversation=conversation)


def highest(facts: Iterable[Verification], *, by: int, conversation: str) -> Standing:
    """The surest of `facts`, the newest first, that counts for the agent (id) in the conversation."""
    best = Standing(Level.UNKNOWN.value)
    for fact in facts:
        if fact.method == Method.MERGE and fact.level == Level.UNKNOWN:
            break  # what was found out before was of somebody else
        own = fact.by_id == by and (not conversation or fact.conversation == f"agent:{by}")
        if (own or fact.conversation == conversation) and fact.level > best.level:
            best = Standing(fact.level, fact)
    return best


def require(
    customer: Customer,
    deed: Deed,
    *,
    by: Agent | None,
    conversation: str = "",
    at: datetime | None = None,
) -> None:
    """Refuse (`verification_needed`) a deed of `by` for a caller of whom we are not sure enough.

    Nobody calls the system (`by` None) nor a machine (role *integration*): their deeds are not held. Read without a
    lock: what was found out is never changed, and who was verified a moment ago was verified.
    """
    if by is None:
        return
    policy = policy_of(customer.brand_id)
    needed = policy.needs(deed)
    if needed == Level.UNKNOWN or by.role == roles.INTEGRATION:
        return
    has = standing(customer, by=by, conversation=conversation, at=at)
    if has.level >= needed:
        return
    if deed == Deed.CHANGE:  # else nobody could ever be given a first address
        needed = min(needed, reachable(customer, policy))
    if has.level < needed:
        raise _needed(customer, deed, needed=needed, has=has.level, conversation=conversation)


def reachable(customer: Customer, policy: VerificationPolicy) -> int:
    """The highest level that this customer can reach with what is known of them."""
    if code_points(customer):
        return Level.CODE
    known = sum(bool(question.answers(customer)) for question in asked(policy.questions).values())
    return Level.ANSWERED if known >= policy.right_answers else Level.KNOWN


def code_points(customer: Customer) -> list[ContactPoint]:
    """The addresses a code may go to: confirmed mail addresses in use, in their order."""
    points = ContactPoint.objects.filter(customer=customer, kind=ContactPoint.Kind.MAIL)
    return list(points.filter(verified_at__isnull=False))


def _needed(customer: Customer, deed: Deed, *, needed: int, has: int, conversation: str) -> Refused:
    sentence = _("First find out who this is: to %(deed)s takes %(needed)s; so far: %(has)s. %(way)s")
    figures = {
        "deed": deed.label,
        "needed": level_name(needed),
        "has": level_name(has),
        "way": way_to(needed),
    }
    details = {"customer": customer.pk, "deed": deed.value, "needed": int(needed), "has": int(has)}
    return Refused(
        "verification_needed", sentence % figures, details=details | {"conversation": conversation}
    )
