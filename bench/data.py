"""The rows the desk's benchmarks stand on: two brands, 3,000 members, 30,000 tickets, one of them told in full."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import connection

import callbacks.services
import customers.services
import goodwill.services
import loyalty.services
import tickets.services
from agents import roles
from agents.models import Agent, Brand
from callbacks.models import Callback
from contactcenter import clock, live
from customers.models import ContactPoint, Customer, Order
from customers.services import Line
from goodwill.models import Policy, Reason
from loyalty.models import Account, Programme
from tickets.models import Attachment, Channel, Queue, Ticket

CUSTOMERS, TICKETS, COLLEAGUES = 1500, 15_000, 12  # of each brand
TIERS = {"bronze": 0, "silver": 500, "gold": 2000, "platinum": 5000}
NAMES = (
    "Maria Rossi",
    "Jonas Lee",
    "Aiko Tanaka",
    "Élodie Marchand",
    "Sam O’Brien",
    "Joana da Silva",
    "Nils Berg",
)
SUBJECTS = ("Parcel never came", "Wrong size, can I exchange it?", "Points of my last order are missing",
            "Refund for order A-20931", "How do I change my address?", "The lamp arrived broken")  # fmt: skip
CROWD = """
INSERT INTO tickets_ticket (brand_id, number, queue_id, customer_id, subject, channel, status, priority, assignee_id,
    opened_at, resolved_at, due_at, last_message_at, last_words, last_was_inbound, message_seq, key)
SELECT %(brand)s, 100000 + n, (%(queues)s::bigint[])[1 + n %% %(queue_count)s],
    (%(customers)s::bigint[])[1 + n * 7919 %% %(customer_count)s],
    (%(subjects)s::text[])[1 + n %% %(subject_count)s], 'mail',
    CASE WHEN n %% 10 < 3 THEN 'resolved' WHEN n %% 4 = 0 THEN 'pending' ELSE 'open' END, 2,
    CASE WHEN n %% 5 > 0 THEN (%(agents)s::bigint[])[1 + n %% %(agent_count)s] END,
    opened, CASE WHEN n %% 10 < 3 THEN opened + interval '1 day' END,
    CASE WHEN n %% 10 >= 3 AND n %% 4 > 0 THEN %(now)s + (n * 31 %% 9000 - 120) * interval '1 minute' END,
    opened, 'It should have been here on Monday, and nobody can tell me where it is', n %% 4 > 0, 0,
    'crowd:' || %(brand)s || ':' || n
FROM (SELECT n, %(now)s - (n * 7919 %% 200000) * interval '1 minute' AS opened
      FROM generate_series(1, %(count)s) AS n) AS rows
"""


@dataclass(frozen=True)
class Desk:
    """What the benchmarks speak of: who is signed in, by which session, and the ticket that is open."""

    agent: Agent
    session: str
    ticket: Ticket


_written: list[Desk] = []


def house(*, customers: int = CUSTOMERS, tickets: int = TICKETS) -> Desk:
    """The rows of `desk`, written once: a room that comes later in the same run finds those of the first."""
    if not _written:
        _written.append(desk(customers=customers, tickets=tickets))
    return _written[0]


def desk(*, customers: int = CUSTOMERS, tickets: int = TICKETS) -> Desk:
    """Write all rows into the empty database, so many customers and tickets for each brand, and sign an agent in."""
    now = clock.now().replace(microsecond=0)
    with live.without_nudges():
        brands = [_brand("FF", "Fjord & Finch"), _brand("AH", "Alva Home")]
        agents = [_agent(f"Agent {number}", brands) for number in range(COLLEAGUES)]
        for brand in brands:
            _crowd(brand, agents, customers, tickets, now)
        ticket = _conversation(brands[0], agents, now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Desk(agents[0], _signed_in(agents[0]), ticket)


def _brand(code: str, name: str) -> Brand:
    brand = Brand.objects.create(code=code, name=name, time_zone="Europe/Berlin")
    for number, queue in enumerate(("Care", "Shipping", "Returns")):
        address = f"{queue.lower()}@{code.lower()}.example"
        Queue.objects.create(brand=brand, name=queue, address=address, is_default=number == 0)
    programme = Programme.objects.create(brand=brand, code=code.lower(), name=f"{name} Circle")
    loyalty.services.first_rule(programme)
    loyalty.services.set_up_tiers(programme, [(code, code.title(), points) for code, points in TIERS.items()])
    for rank, label in enumerate(("Late parcel", "Broken article", "Long wait", "Our mistake")):
        sentence = "We have added {points} points (worth {worth}) to your account."
        Reason.objects.create(
            brand=brand, code=label.lower().replace(" ", "-"), label=label, rank=rank, sentence=sentence
        )
    return brand


def _agent(name: str, brands: list[Brand]) -> Agent:
    address = f"{name.lower().replace(' ', '')}@desk.example"
    agent = Agent.objects.create_user(address, name=name, time_zone="Europe/Berlin")
    agent.brands.set(brands)
    agent.groups.add(Group.objects.get(name=roles.AGENT))
    return agent


def _crowd(brand: Brand, agents: list[Agent], customers: int, tickets: int, now: datetime) -> None:
    customers_ = Customer.objects.bulk_create(
        Customer(brand=brand, name=f"{NAMES[n % len(NAMES)]} {n}", time_zone="Europe/Rome")
        for n in range(customers)
    )
    ContactPoint.objects.bulk_create(
        ContactPoint(
            brand=brand, customer=one, kind="mail", value=f"{brand.code}{one.pk}@mail.example".lower()
        )
        for one in customers_
    )
    tiers = list(brand.programme.tiers.all())
    Account.objects.bulk_create(
        Account(brand=brand, programme=brand.programme, customer=one, number=f"{brand.code}-{one.pk:07d}",
                tier=tiers[one.pk % len(tiers)])
        for one in customers_ if one.pk % 8
    )  # fmt: skip
    queues = list(brand.queues.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(CROWD, {
            "brand": brand.pk, "now": now, "count": tickets,
            "queues": queues, "queue_count": len(queues),
            "customers": [one.pk for one in customers_], "customer_count": customers,
            "subjects": list(SUBJECTS), "subject_count": len(SUBJECTS),
            "agents": [agent.pk for agent in agents], "agent_count": len(agents),
        })  # fmt: skip


def _conversation(brand: Brand, agents: list[Agent], now: datetime) -> Ticket:
    """A member of two years, and a ticket of three days in which four people spoke."""
    customer = _member(brand, now)
    me, other = agents[0], agents[1]
    Policy.objects.get_or_create(role=roles.AGENT, defaults={"per_grant": 500})
    start = now - timedelta(days=3)
    ticket = tickets.services.open_ticket(
        customer, queue=brand.queues.get(is_default=True), subject="Parcel never came, order A-20931",
        channel=Channel.MAIL, key="bench", at=start,
    )  # fmt: skip
    for number in range(8):
        at = start + timedelta(hours=8 * number)
        heard = tickets.services.hear(
            ticket, HEARD, channel=Channel.MAIL, sender="maria@mail.example", key=f"bench:{number}", at=at
        )
        tickets.services.reply(ticket, SAID, by=me, key=f"bench:r{number}", at=at + timedelta(hours=1))
        if number % 3 == 0:
            tickets.services.note(ticket, NOTE, by=other, key=f"bench:n{number}", at=at + timedelta(hours=2))
            tickets.services.assign(ticket, other if number else me, by=me, at=at + timedelta(hours=2))
            _attach(heard.pk, f"parcel-{number}.jpg")
    reason = Reason.objects.get(brand=brand, code="late-parcel")
    Policy.objects.update(apart_days=None)  # the second gift waits for nobody
    for number, hours in enumerate((60, 2)):
        goodwill.services.grant(
            ticket, 150, by=me, reason=reason, key=f"bench:g{number}", at=now - timedelta(hours=hours)
        )
    tickets.services.hear(
        ticket,
        HEARD,
        channel=Channel.MAIL,
        sender="maria@mail.example",
        key="bench:last",
        at=now - timedelta(hours=1),
    )
    window = _tomorrow_at_ten(now)
    phone = customer.contact_points.get(kind="phone")
    callbacks.services.promise(
        customer, window, by=me, ticket=ticket, contact_point=phone, reason="Where the parcel is", key="bench"
    )
    return Ticket.objects.select_related("brand").get(pk=ticket.pk)


def _member(brand: Brand, now: datetime) -> Customer:
    """Maria: two addresses, 24 orders in two years, four tiers' worth of points, past tickets and a kept promise."""
    addresses = [("mail", "maria@mail.example"), ("mail", "m.rossi@work.example"), ("phone", "+393475550142")]
    customer = customers.services.create_customer(
        brand, name="Maria Rossi", addresses=addresses, verified=True, time_zone="Europe/Rome",
        at=now - timedelta(days=800),
    )  # fmt: skip
    account = loyalty.services.enrol(customer, at=now - timedelta(days=760))
    for number in range(24):
        lines = [Line("LAMP-1", "Floor lamp", 12900), Line("VASE-2", "Vase, glass", 3900)][: 1 + number % 2]
        customers.services.record_order(
            customer, f"A-2{number:04d}", lines=lines, placed_at=now - timedelta(days=720 - 30 * number),
            status=Order.Status.DELIVERED,
        )  # fmt: skip
    loyalty.services.redeem(account, 3000, by=None, key="bench:spent", at=now - timedelta(days=20))
    loyalty.services.earn(
        account, 500, contra="issue.campaign", by=None, key="bench:campaign", months=1, source="campaign:name-day",
        at=now - timedelta(days=22),
    )  # fmt: skip
    queue = brand.queues.get(is_default=True)
    for number in range(4):
        tickets.services.open_ticket(
            customer, queue=queue, subject=SUBJECTS[number], channel=Channel.MAIL, key=f"bench:past:{number}",
            at=now - timedelta(days=60 - 10 * number),
        )  # fmt: skip
    kept = customer.tickets.order_by("id")[:2]
    Ticket.objects.filter(pk__in=[one.pk for one in kept]).update(
        status="resolved", resolved_at=now, due_at=None
    )
    owner = Agent.objects.order_by("id")[0]
    past = callbacks.services.promise(
        customer, _tomorrow_at_ten(now), by=owner, contact_point=customer.contact_points.get(kind="phone"),
        reason="Which lamp it was", key="bench:kept",
    )  # fmt: skip
    Callback.objects.filter(pk=past.pk).update(state="kept", ended_at=now - timedelta(days=15), look_at=None)
    return customer


def _tomorrow_at_ten(now: datetime) -> tuple[datetime, datetime]:
    start = (now + timedelta(days=1)).replace(hour=10, minute=0, second=0)
    return start, start + timedelta(hours=1)


def _attach(message: int, name: str) -> None:
    row = Attachment(
        message_id=message, name=name, content_type="image/jpeg", size=48_213, sha256=f"{message:064d}"
    )
    row.file.save(name, ContentFile(b"\xff\xd8"), save=True)


def _signed_in(agent: Agent) -> str:
    """The key of a session like the one that signing in leaves behind."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session["_auth_user_id"] = str(agent.pk)
    session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[0]
    session["_auth_user_hash"] = agent.get_session_auth_hash()
    session.create()
    return session.session_key


HEARD = """Hello,

my parcel was due on Monday and the courier's page https://track.example/A-20931 says nothing new since then.
I asked my neighbours, nobody has it. Could you please find out where it is, or send it again?

The lamp was meant as a present, so it would help to know a day.

Kind regards
Maria Rossi

On 20 Nov 2026 at 10:12 Care <care@ff.example> wrote:
> Hello Maria,
>
> thank you for writing. We have asked the courier and will be back to you tomorrow.
>
> Kind regards
> Agent
"""
SAID = """Hello Maria,

thank you for your patience. We have asked the courier to look for the parcel in the depot; they answer within a day.
If it is not found, we send the lamp again on our account, and you need not do anything.

Kind regards
Agent"""
NOTE = "The courier's depot in Milan has had a strike since Thursday; see the list of parcels that wait."
