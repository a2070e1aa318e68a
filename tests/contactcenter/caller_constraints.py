"""What can never be true of who callers are, and of what was kept for them: the cases of test_constraints for both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace as World
from typing import Any

from agents.models import Agent
from contactcenter import clock
from customers.models import ContactPoint, Customer, SentCode, Verification, VerificationPolicy
from loyalty.models import Lot, LotExtension
from tests.contactcenter.behind import change

DAY = timedelta(days=1)


def rows_for_callers(member: Customer, agent: Agent) -> dict[str, Any]:
    """What the world of test_constraints needs besides."""
    return {
        "asks": VerificationPolicy.objects.get(brand=member.brand),
        "member": member,
        "sent": code(
            World(member=member, agent=agent, mail=member.contact_points.filter(kind="mail").earliest("pk"))
        ),
    }


def code(world: World, **fields: Any) -> SentCode:
    now, point = clock.now(), world.mail
    assert isinstance(point, ContactPoint)
    sound = {"brand": world.member.brand, "customer": world.member, "contact_point": point, "by": world.agent}
    sound |= {"conversation": "ticket:1", "nonce": "n", "asked_at": now, "until": now + DAY}
    return SentCode.objects.create(**(sound | fields))


def fact(world: World, **fields: Any) -> Verification:
    now = clock.now()
    sound = {"brand": world.brand, "customer": world.member, "conversation": "ticket:1", "level": 3}
    sound |= {"method": "code", "by": world.agent, "at": now, "until": now + DAY}
    return Verification.objects.create(**(sound | fields))


def extension(world: World, **fields: Any) -> LotExtension:
    now = clock.now()
    sound = {"lot": Lot.objects.earliest("pk"), "source": "ticket:FF-1", "waited": DAY, "seq": 1, "key": "k"}
    sound |= {"first_until": now, "was_until": now, "until": now + DAY, "made_at": now, "request_hash": ""}
    return LotExtension.objects.create(**(sound | fields))


def extend_twice(world: World) -> None:
    for key in ("one", "two"):
        extension(world, key=key)


CASES: dict[str, Callable[[World], Any]] = {
    "customers_verificationpolicy_in_bounds": lambda w: change(w.asks, minutes=0),
    "customers_verificationpolicy_asks_something": lambda w: change(w.asks, right_answers=0),
    "customers_verificationpolicy_levels_known": lambda w: change(w.asks, redeem=4),
    "customers_verification_level_fits_method": lambda w: fact(w, method="judged"),
    "customers_verification_holds": lambda w: fact(w, until=clock.now() - DAY),
    "customers_verification_of_a_conversation": lambda w: fact(w, conversation="in the lift"),
    "customers_sentcode_few_tries": lambda w: change(w.sent, state="void", ended_at=clock.now(), tries=6),
    "customers_sentcode_state_fits": lambda w: change(w.sent, tries=5),
    "customers_sentcode_one_waits": code,
    "loyalty_lotextension_once_a_source": extend_twice,
    "loyalty_lotextension_is_later": lambda w: extension(w, until=clock.now() - DAY),
    "loyalty_lotextension_gives": lambda w: extension(w, points=-1),
    "loyalty_programme_delay_is_bounded": lambda w: change(w.account.programme, delay_days=367),
}
JOINS: dict[str, Callable[[World], Any]] = {
    "customers_verification_customer_id_of_one_brand": lambda w: fact(w, customer=w.stranger),
    "customers_sentcode_customer_id_of_one_brand": lambda w: change(w.sent, customer=w.stranger),
}
