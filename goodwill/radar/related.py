"""Which customers are an agent's own, or near to one: by addresses that both have or had, and by what else says so.

Nobody writes down an agent's phone or where they live. What there is: the mail address an agent signs in with. A
customer who has it, or had it, is the agent; whatever else that customer has or had, mail, phone or handle, is the
agent's too, and so is whoever shares one of these. Orders carry no postal address. All of it stays within one brand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db import connection
from django.db.models import Q

from agents.models import Agent
from customers.contact import mailbox, plain
from customers.models import ContactPoint, Customer, Duplicate
from goodwill.radar.facts import Gift, Kind, Sign
from loyalty.models import Referral
from tickets.models import Message, Ticket

# By the exact value of what was taken away, by the mailbox of what is in use: each arm walks an index of its own.
SHARED = """
WITH own AS (
    SELECT a.id AS agent, p.customer_id FROM agents_agent a JOIN customers_contactpoint p
        ON customers_mailbox(p.value) = customers_mailbox(lower(a.email))
    WHERE a.id = ANY(%(agents)s) AND p.brand_id = %(brand)s AND p.kind = 'mail' AND p.removed_at IS NULL
    UNION
    SELECT a.id, p.customer_id FROM agents_agent a JOIN customers_contactpoint p ON p.value = lower(a.email)
    WHERE a.id = ANY(%(agents)s) AND p.brand_id = %(brand)s AND p.kind = 'mail' AND p.removed_at IS NOT NULL
), held AS (
    SELECT own.agent, p.kind, p.value FROM own JOIN customers_contactpoint p ON p.customer_id = own.customer_id
)
SELECT agent, customer_id, 'own' FROM own
UNION ALL
SELECT h.agent, p.customer_id, h.kind FROM held h JOIN customers_contactpoint p ON p.value = h.value
    AND p.kind = h.kind AND p.brand_id = %(brand)s AND p.removed_at IS NULL
UNION ALL
SELECT h.agent, p.customer_id, h.kind FROM held h JOIN customers_contactpoint p ON p.value = h.value
    AND p.kind = h.kind AND p.brand_id = %(brand)s AND p.removed_at IS NOT NULL
UNION ALL
SELECT h.agent, p.customer_id, h.kind FROM held h JOIN customers_contactpoint p
    ON customers_mailbox(p.value) = customers_mailbox(h.value)
    AND p.kind = 'mail' AND p.brand_id = %(brand)s AND p.removed_at IS NULL
WHERE h.kind = 'mail'
"""

Via = dict[tuple[int, int], str]


def sharing(agents: Collection[int], brand: int) -> Via:
    """Customers (ids) who are one of these agents (ids) or share an address with one: by (agent, customer).

    Through what: `own` for whoever has the agent's mailbox, else the kind of address. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(SHARED, {"agents": sorted(agents), "brand": brand})
        found: Via = {}
        for agent, customer, via in cursor.fetchall():
            found.setdefault((agent, customer), via)  # `own` comes first
    return found


def sent_from_own(ticket: Ticket, customers: Collection[int]) -> bool:
    """Whether something in this ticket came from an address that one of these customers (ids) has or had."""
    whole = Q(ticket=ticket.pk) | Q(ticket__merged_into=ticket.pk)
    theirs = ContactPoint.ever.filter(customer__in=customers).values("value")
    return Message.objects.filter(whole, kind=Message.Kind.INBOUND, sender__in=theirs).exists()


def own_address_on(by: Agent, ticket: Ticket) -> bool:
    """Whether the customer of this ticket has or had the mailbox of `by`, or something in it came from there."""
    whole = Q(ticket=ticket.pk) | Q(ticket__merged_into=ticket.pk)
    heard = Message.objects.filter(whole, kind=Message.Kind.INBOUND).order_by()
    points = ContactPoint.ever.filter(customer=ticket.customer_id, kind=ContactPoint.Kind.MAIL).order_by()
    known = points.values_list("value").union(heard.values_list("sender"))
    own = mailbox(plain(by.email))
    return any(mailbox(plain(value)) == own for (value,) in known)


def near(agents: Collection[int], brand: int, own: Via) -> Via:
    """Customers near to an agent by something that is no proof: brought by them, or perhaps the same person.

    `own` is what `sharing` gave. Two questions.
    """
    whose: dict[int, set[int]] = defaultdict(set)
    for agent, customer in own:
        if agent in agents:
            whose[customer].add(agent)
    brought = Referral.objects.filter(brand=brand, referrer__customer__in=whose)
    rows = [
        *(
            (one, other, "brought")
            for one, other in brought.values_list("referrer__customer", "friend__customer")
        ),
        *(
            (one, other, "duplicate")
            for pair in Duplicate.objects.touching(list(whose))
            .filter(brand=brand)
            .values_list("one", "other")
            for one, other in (pair, pair[::-1])
        ),
    ]
    return {(agent, other): via for one, other, via in rows for agent in whose.get(one, ())}


def namesakes(gifts: Iterable[Gift]) -> Via:
    """Customers who were given something by an agent of their own full name, or by whose agreement. Two questions."""
    pairs = {(agent, gift.customer) for gift in gifts for agent in gift.people}
    agents = dict(Agent.objects.filter(pk__in={one for one, _ in pairs}).values_list("pk", "name"))
    names = dict(Customer.objects.filter(pk__in={one for _, one in pairs}).values_list("pk", "name"))
    return {
        (agent, customer): "name"
        for agent, customer in pairs
        if " " in (name := _spelled(agents[agent])) and name == _spelled(names[customer])
    }


def related(gifts: Collection[Gift], brand: int) -> list[Sign]:
    """What was given to an own or a related account all the same: the address came later, or there is another sign.

    Who asked and who agreed alike. A single gift is enough. Five questions, however many gifts.
    """
    own = sharing(set().union(*(gift.people for gift in gifts)), brand)
    wrote: Via = {(gift.agent, gift.customer): "sender" for gift in gifts if gift.wrote}
    via = {**namesakes(gifts), **near({agent for agent, _ in own}, brand, own), **wrote, **own}
    rows: dict[tuple[int, int], list[Gift]] = defaultdict(list)
    for gift in gifts:
        for agent in gift.people:
            if (agent, gift.customer) in via:
                rows[agent, gift.customer].append(gift)
    return [
        Sign(
            Kind.RELATED,
            agent,
            tuple(given),
            {"via": via[agent, customer], "hits": len(given)},
            customer=customer,
        )
        for (agent, customer), given in rows.items()
    ]


def _spelled(name: str) -> str:
    return " ".join(name.casefold().split())
