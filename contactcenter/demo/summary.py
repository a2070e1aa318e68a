"""What a visitor of the demo needs to know: where to look, who to sign in as, what to look at."""

from __future__ import annotations

from typing import Any

from agents import roles
from agents.models import Brand
from callbacks.models import Callback
from contactcenter.demo import people, showcase
from contactcenter.demo.brands import BRANDS
from contactcenter.demo.purchases import PREFIX, SHOWCASE_NUMBER
from customers.models import Order
from tickets.models import Ticket


def of_demo() -> dict[str, Any]:
    """The logins, brands and samples of the loaded demo, ready for JSON."""
    return {
        "url_path": "/",
        "customer_url_path": "/demo/customer/",
        "logins": [_login(person) for person in people.PEOPLE.values() if person.role != roles.INTEGRATION],
        "brands": [
            _brand(brand) for brand in Brand.objects.filter(code__in=BRANDS).prefetch_related("queues")
        ],
        "samples": _samples(),
    }


def as_text(summary: dict[str, Any]) -> str:
    """The same as a short table for people."""
    lines = ["Sign in as", ""]
    lines += [
        f"  {login['email']:<28} {login['password']:<18} {login['role']:<14} "
        f"{'+'.join(login['brands']):<6} {login['name']}"
        for login in summary["logins"]
    ]
    lines += ["", "Mail to"]
    lines += [
        f"  {queue['address']:<34} {brand['name']}, {queue['name']}{' (default)' if queue['default'] else ''}"
        for brand in summary["brands"]
        for queue in brand["queues"]
    ]
    samples = summary["samples"]
    lines += ["", "Look at", f"  ticket {samples['ticket']['reference']} of {samples['customer']['name']}"]
    lines += [f"  order {samples['order']['number']}", f"  callback: {samples['callback']['reason']}"]
    return "\n".join(lines)


def _login(person: people.Person) -> dict[str, Any]:
    return {
        "email": person.email,
        "password": people.PASSWORD,
        "role": person.role,
        "brands": list(person.brands),
        "name": person.name,
    }


def _brand(brand: Brand) -> dict[str, Any]:
    queues = [
        {"name": queue.name, "address": queue.address, "default": queue.is_default}
        for queue in brand.queues.all()
    ]
    return {
        "id": brand.pk,
        "code": brand.code,
        "name": brand.name,
        "currency": brand.currency,
        "queues": queues,
    }


def _samples() -> dict[str, Any]:
    tickets = Ticket.objects.select_related("brand", "customer__account", "queue")
    ticket = tickets.get(key=f"demo:{showcase.TICKET}")
    customer = ticket.customer
    number = f"{PREFIX['FF']}{SHOWCASE_NUMBER['FF'][1]}"
    order = Order.objects.get(brand=ticket.brand, number=number)
    promised = Callback.objects.filter(key__startswith="demo:", owner__email=people.PEOPLE["ana"].email)
    callback = promised.order_by("-state", "window_from").filter(kind=Callback.Kind.CALL).open().first()
    return {
        "ticket": {"id": ticket.pk, "reference": ticket.reference, "subject": ticket.subject},
        "customer": {
            "id": customer.pk,
            "name": customer.name,
            "mail": customer.contact_points.filter(kind="mail").values_list("value", flat=True).first(),
            "account": customer.account.number,
        },
        "order": {"id": order.pk, "number": order.number},
        "callback": {"id": callback.pk, "reason": callback.reason} if callback else None,
        "queue_address": ticket.queue.address,
        "default_address": ticket.brand.queues.get(is_default=True).address,
    }
