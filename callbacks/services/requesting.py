"""A call that somebody asks for on a brand's page, without telling us more than a name and a number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

import customers.services
from agents.models import Agent, Brand, Team
from agents.telling import notify, supervisors_of
from callbacks.models import Callback, CallbackPolicy
from callbacks.services.booking import Asked
from callbacks.services.promising import More, promise
from contactcenter import clock, keys
from contactcenter.errors import Refused
from customers.contact import Kind
from customers.models import ContactPoint, Customer
from tickets.models import Queue


@dataclass(frozen=True)
class Wish:
    """What was filled in: `number` in E.164, `mail` "" or in its normal form, the window as two UTC instants."""

    name: str
    number: str
    about: str
    window: tuple[datetime, datetime]
    mail: str = ""
    language: str = "en"


@transaction.atomic
def ask_for_call(brand: Brand, wish: Wish, *, key: str, at: datetime | None = None) -> Callback | None:
    """Promise the call to whoever has the number, or to a new customer; None where there is one to it already.

    Whoever asks must not learn whether we know the number: what stands against the call on account of the customer
    (their own hours, say) is told to the supervisors instead, None as well. The same `key` again is harmless,
    whatever comes with it. Refused: `no_requests` where the brand takes none or has nobody for them.
    """
    at = at or clock.now()
    policy = CallbackPolicy.objects.of(brand.pk)
    team, owner = _who_calls(brand, policy)
    if not policy.takes_requests or not (team or owner):
        raise Refused("no_requests", _("Calls cannot be asked for here at the moment."))
    key = keys.digest("page", brand.pk, wish.number, key)
    keys.claim(ContactPoint, f"{brand.pk}:{wish.number}")
    point = _number_of(brand, wish, at)
    if _has_open_call(point) and not Callback.objects.filter(key=key).exists():
        return None
    notes = _("Asked for on the page by “%s”.") % wish.name
    more = More(notes=notes, team=team, source=Callback.Source.PAGE)
    try:
        with transaction.atomic():
            return promise(
                point.customer, wish.window, by=None, owner=owner, reason=wish.about, key=key, contact_point=point,
                at=at,
                more=more,
            )  # fmt: skip
    except Refused as refusal:
        if refusal.code == "full":  # somebody else was quicker: that tells nothing of the number
            raise
        if refusal.code != "key_conflict":  # the form again, with other words: what it has asked for stands
            _tell_supervisors(brand, point.customer, wish, key=key, why=refusal.code, at=at)
        return None


def asked_of(brand: Brand) -> Asked:
    """The call of somebody whom the brand does not know yet."""
    team, owner = _who_calls(brand, CallbackPolicy.objects.of(brand.pk))
    return Asked(Customer(brand=brand), owner, team, by_customer=True)


def _who_calls(brand: Brand, policy: CallbackPolicy) -> tuple[Team | None, Agent | None]:
    """The brand's team for calls, else that of its default queue, else one of its supervisors, who hands it on."""
    queue = Queue.objects.filter(brand=brand, is_default=True).select_related("team").first()
    team = policy.team or (queue.team if queue else None)
    return team, None if team else next(iter(supervisors_of(brand)), None)


def _number_of(brand: Brand, wish: Wish, at: datetime) -> ContactPoint:
    """The number as one of a customer's. What was typed besides never goes to a customer who is there already."""
    rows = ContactPoint.objects.select_related("customer__brand")
    known: ContactPoint | None = rows.filter(brand=brand, kind=Kind.PHONE, value=wish.number).first()
    if known is not None:
        return known
    customer = customers.services.create_customer(
        brand, name=wish.name, addresses=[(Kind.PHONE, wish.number)], language=wish.language, at=at
    )
    if wish.mail:
        _give_mail(customer, wish.mail, at)
    made: ContactPoint = rows.get(customer=customer, kind=Kind.PHONE)
    return made


def _give_mail(customer: Customer, mail: str, at: datetime) -> None:
    """An address that somebody else has stays theirs alone."""
    try:
        with transaction.atomic():
            customers.services.add_contact_point(customer, Kind.MAIL, mail, at=at)
    except Refused:
        return


def _has_open_call(point: ContactPoint) -> bool:
    calls = Callback.objects.open().filter(customer=point.customer_id, contact_point=point)
    return calls.filter(kind=Callback.Kind.CALL).exists()


def _tell_supervisors(
    brand: Brand, customer: Customer, wish: Wish, *, key: str, why: str, at: datetime
) -> None:
    notify(
        supervisors_of(brand), brand_id=brand.pk, kind="callback_wanted", subject=str(customer)[:40],
        key=f"wanted:{key}", at=at, customer=customer.pk, why=why, wanted=wish.window[0].isoformat(),
    )  # fmt: skip
