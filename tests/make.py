"""Builders: each makes one thing that is good enough to work with, through the house's own services.

Everything is keyword-only and everything may be left out; what is left out is unique.
"""

from __future__ import annotations

import base64
import itertools
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import Group
from django.db.models import F

import callbacks.services
import customers.services
import goodwill.services
import loyalty.services
import tickets.services
from agents import roles
from agents.models import Agent, Answer, Brand, Notification, Skill, Team
from agents.presence.models import StateReason
from agents.presence.services import set_state
from callbacks.models import (
    Callback,
    CallbackPolicy,
    ContactHours,
    FollowUp,
    QuietHours,
    RetryRule,
)
from callbacks.models import (
    Line as DialledLine,
)
from contactcenter import clock
from customers.contact import Kind
from customers.models import ContactPoint, Customer, Duplicate, Merge, Order, VerificationPolicy
from customers.services import Line
from customers.verification import DEFAULTS, Deed, Level
from goodwill.models import Budget, Finding, IncidentGrant, Offer, Pledge, Policy, Reason, Watch
from loyalty.models import (
    Account,
    AccountEvent,
    Adjustment,
    Benefit,
    Campaign,
    EarningRule,
    LotExtension,
    PendingGrant,
    Programme,
    Referral,
    Reward,
    StatementRun,
)
from tickets.models import (
    AcknowledgementText,
    Calendar,
    Capacity,
    Channel,
    Consult,
    ContactReason,
    Draft,
    FieldQueue,
    Macro,
    Queue,
    RoutingDecision,
    RoutingPolicy,
    Rule,
    RuleRun,
    SavedView,
    ShopTask,
    SlaPolicy,
    Survey,
    SurveyRule,
    Ticket,
    TicketField,
    WrapUp,
)

_count = itertools.count(1)
TIERS = {"bronze": 0, "silver": 500, "gold": 2000, "platinum": 5000}  # qualifying points of a calendar year


def unique(prefix: str = "k") -> str:
    """A name that was not given out before: for keys, numbers and codes."""
    return f"{prefix}{next(_count)}"


def make_brand(**fields: Any) -> Brand:
    """A brand, without a programme: `make_programme` or `make_member` give it one.

    It asks nothing of callers, so that tests of other things need nobody verified; see `make_wary`.
    """
    code = fields.setdefault("code", unique("B"))
    fields.setdefault("name", f"Brand {code}")
    brand = Brand.objects.create(**fields)
    VerificationPolicy.objects.create(brand=brand, **dict.fromkeys(Deed.values, Level.UNKNOWN))
    return brand


def make_wary(brand: Brand, **fields: Any) -> VerificationPolicy:
    """Let a brand ask of callers what one asks that has set nothing, or as `fields` say."""
    policy = VerificationPolicy.objects.get(brand=brand)
    wanted = {deed.value: level for deed, level in DEFAULTS.items()} | fields
    for field, value in wanted.items():
        setattr(policy, field, value)
    policy.save()
    return policy


def make_team(*, brand: Brand | None = None, agents: Sequence[Agent] = (), **fields: Any) -> Team:
    """A team of `agents`."""
    team = Team.objects.create(
        brand=brand or make_brand(), name=fields.pop("name", unique("Team ")), **fields
    )
    team.agents.set(agents)
    return team


def make_agent(
    *,
    role: str | None = roles.AGENT,
    brands: Sequence[Brand] | None = None,
    password: str | None = None,
    **fields: Any,
) -> Agent:
    """Someone who serves `brands` (left out: a brand of their own) with the permissions of `role` (None: none).

    Supervisors and administrators may open the supervisors' pages. Sign in with `client.force_login`.
    """
    number = next(_count)
    fields.setdefault("email", f"agent{number}@desk.example")
    fields.setdefault("name", f"Agent {number}")
    fields.setdefault("is_staff", role in (roles.SUPERVISOR, roles.ADMINISTRATOR))
    agent = Agent.objects.create_user(password=password, **fields)
    agent.brands.set([make_brand()] if brands is None else brands)
    if role:
        agent.groups.add(Group.objects.get(name=role))
    return agent


def make_answer(agent: Agent, brand: Brand, **fields: Any) -> Answer:
    """What the API answered to a deed of `agent` for `brand`."""
    sound = {
        "key": unique("answer"),
        "method": "POST",
        "path": "/api/v1/orders/",
        "status": 201,
        "body": "{}",
    }
    return Answer.objects.create(agent=agent, brand=brand, request_hash="0" * 64, **(sound | fields))


def make_owner(**fields: Any) -> Agent:
    """The owner of the installation: a superuser who serves no brand and sees all."""
    return Agent.objects.create_superuser(
        fields.pop("email", f"{unique('owner')}@desk.example"), name=fields.pop("name", "Owner"), **fields
    )


def make_customer(
    *, brand: Brand | None = None, mail: str | None = None, phone: str | None = "", **fields: Any
) -> Customer:
    """A customer with a mail address (`mail`: left out a unique one, "" for none) and, if given, a `phone`."""
    number = next(_count)
    mail = f"customer{number}@mail.example" if mail is None else mail
    pairs = ((Kind.MAIL, mail), (Kind.PHONE, phone))
    addresses = [(kind, value) for kind, value in pairs if value]
    fields.setdefault("name", f"Customer {number}")
    return customers.services.create_customer(brand or make_brand(), addresses=addresses, **fields)


def make_phone(*, customer: Customer | None = None, number: str = "") -> ContactPoint:
    """A phone number of `customer`, in E.164 and unique when left out."""
    number = number or f"+49301{next(_count):07d}"
    return customers.services.add_contact_point(customer or make_customer(), Kind.PHONE, number)


def make_mail(*, customer: Customer) -> ContactPoint:
    """One more mail address of `customer`."""
    return customers.services.add_contact_point(customer, Kind.MAIL, f"{unique('also')}@mail.example")


def make_programme(
    *, brand: Brand | None = None, tiers: dict[str, int] | None = None, **fields: Any
) -> Programme:
    """The programme of `brand`, with `tiers` by the qualifying points they take (left out: TIERS).

    Orders give `points_per_unit` (left out: 5) for every whole unit of currency.
    """
    rate = fields.pop("points_per_unit", 5)
    brand = brand or make_brand()
    fields.setdefault("code", brand.code.lower())
    fields.setdefault("name", f"{brand.name} Circle")
    programme = Programme.objects.create(brand=brand, **fields)
    loyalty.services.first_rule(programme, rate)
    steps = (TIERS if tiers is None else tiers).items()
    loyalty.services.set_up_tiers(programme, [(code, code.title(), points) for code, points in steps])
    return programme


def make_campaign(*, rule: EarningRule | None = None, **fields: Any) -> Campaign:
    """A draft of twice the points in the week that begins tomorrow."""
    rule = rule or make_programme().earning_rules.get()
    start = clock.now() + timedelta(days=1)
    sound = {"code": unique("c"), "name": "Double", "starts_at": start, "ends_at": start + timedelta(days=7)}
    return Campaign.objects.create(**({"rule": rule, "percent": 200} | sound | fields))


def make_pending(account: Account, points: int = 50, **fields: Any) -> PendingGrant:
    """Points of an order that are pending until tomorrow."""
    now, key = clock.now(), unique("pending")
    sound = {"occurred_at": now, "matures_at": now + timedelta(days=1), "key": key, "source": f"order:{key}"}
    told = {"amount_minor": 1000, "currency": "EUR", "rules": []}
    Account.objects.filter(pk=account.pk).update(pending=F("pending") + points)
    return PendingGrant.objects.create(
        **({"account": account, "granted": points, "points": points, "breakdown": told} | sound | fields)
    )


def make_referral(referrer: Account, *, by: Agent | None = None, **fields: Any) -> Referral:
    """A friend whom `referrer` brought and who has bought nothing yet; `fields` are those of make_customer."""
    friend = make_customer(brand=referrer.brand, **fields)
    loyalty.services.enrol(friend, by=by, source="call", brought_by=referrer.number)
    return Referral.objects.select_related("friend__customer").get(friend__customer=friend)


def make_statement_run(programme: Programme, **fields: Any) -> StatementRun:
    """The statements of January 2026, of which none is written yet."""
    sound = {"month": date(2026, 1, 1), "begun_at": clock.now()} | fields
    return StatementRun.objects.create(programme=programme, brand_id=programme.brand_id, **sound)


def make_member(
    *,
    brand: Brand | None = None,
    customer: Customer | None = None,
    points: int = 0,
    qualifying: int = 0,
    **fields: Any,
) -> Customer:
    """A customer with an account that holds `points`, earned now; other `fields` are those of make_customer.

    The brand gets a programme if it has none. `member.account` is the account.
    """
    customer = customer or make_customer(brand=brand, **fields)
    if not Programme.objects.filter(brand=customer.brand).exists():
        make_programme(brand=customer.brand)
    account = loyalty.services.enrol(customer)
    if points:
        give(account, points, qualifying=qualifying)
    return Customer.objects.select_related("brand", "account__programme").get(pk=customer.pk)


def give(account: Account, points: int, *, at: datetime | None = None, **fields: Any) -> None:
    """Earn `points` on `account` as an order would."""
    fields = {"contra": "issue.order", "by": None, "key": unique("give")} | fields
    loyalty.services.earn(account, points, at=at, **fields)


def make_standing(account: Account, *, by: Agent, mark: str = "fraud") -> None:
    """A hold on `account`, a correction that waits for a second person, and what was done to it as a whole."""
    until = clock.now() + timedelta(hours=1)
    loyalty.services.hold(account, 10, by=None, key=unique("hold"), until=until, source=mark)
    Adjustment.objects.create(
        account=account, points=5, reason=mark[:40], requester=by, asked_at=clock.now(), key=unique("adjust")
    )
    AccountEvent.objects.create(
        brand_id=account.brand_id, account=account, kind="frozen", reason=mark[:40], actor=by, at=clock.now()
    )


def make_caller(customer: Customer, *, by: Agent) -> None:
    """That `by` was satisfied by what `customer` said, and a code that waits to be read out."""
    customers.services.judge(customer, by=by)
    point = customer.contact_points.get(kind=Kind.MAIL)
    customers.services.send_code(customers.services.verify_contact_point(point, by=by), by=by)


def make_extension(account: Account, mark: str = "ticket:FF-1") -> LotExtension:
    """A lot of `account` that ends a day later, for it waited on us."""
    lot = account.lots.filter(is_open=True).earliest("pk")
    return loyalty.services.extend(lot, waited=timedelta(days=1), source=mark, key=unique("delay"))


def make_reward(*, brand: Brand | None = None, **fields: Any) -> Reward:
    """A voucher of 500 points in the catalogue of `brand`, which gets a programme if it has none."""
    brand = brand or make_brand()
    programme = Programme.objects.filter(brand=brand).first() or make_programme(brand=brand)
    fields.setdefault("code", unique("reward-"))
    fields.setdefault("name", "Tote bag")
    fields.setdefault("points", 500)
    fields.setdefault("sentence", "Your code is {code}, to be used until {until}.")
    return Reward.objects.create(brand=brand, programme=programme, **fields)


def make_benefit(programme: Programme, **fields: Any) -> Benefit:
    """A benefit of the highest tier that may be given for 30 days, worth 300 points."""
    return Benefit.objects.create(
        **{
            "programme": programme, "tier": programme.tiers.latest("rank"), "code": unique("first-"),
            "name": "Answered first", "kind": "priority", "gift_points": 300,
        }
        | fields
    )  # fmt: skip


def make_order(
    *, customer: Customer | None = None, amount_minor: int = 5000, number: str = "", **fields: Any
) -> Order:
    """An order of one article, by way of the service: a member gets points for it."""
    fields = {"placed_at": clock.now()} | fields
    lines = fields.pop("lines", [Line("SKU-1", "Rain jacket", amount_minor)])
    number = number or unique("A-")
    return customers.services.record_order(customer or make_customer(), number, lines=lines, **fields)


def make_queue(*, brand: Brand | None = None, **fields: Any) -> Queue:
    """A queue of `brand`; its first one is the default."""
    brand = brand or make_brand()
    number = next(_count)
    fields.setdefault("name", f"Queue {number}")
    fields.setdefault("address", f"help{number}@{brand.code.lower()}.example")
    fields.setdefault("is_default", not brand.queues.filter(is_default=True).exists())
    return Queue.objects.create(brand=brand, **fields)


def make_ticket(
    *,
    customer: Customer | None = None,
    queue: Queue | None = None,
    brand: Brand | None = None,
    subject: str = "Where is my parcel?",
    text: str = "It should have been here on Monday.",
    key: str = "",
    message_id: str | None = None,
    at: datetime | None = None,
) -> Ticket:
    """A ticket opened by mail, with what the customer wrote as its first message."""
    customer = customer or make_customer(brand=brand or (queue.brand if queue else None))
    queue = queue or customer.brand.queues.filter(is_default=True).first() or make_queue(brand=customer.brand)
    key = key or unique("mail")
    ticket = tickets.services.open_ticket(
        customer, queue=queue, subject=subject, channel=Channel.MAIL, key=key, at=at
    )
    hear(ticket, text, key=f"{key}:1", message_id=message_id, at=at)
    return Ticket.objects.select_related("brand", "queue", "customer__brand").get(pk=ticket.pk)


def hear(
    ticket: Ticket, text: str = "Is anybody there?", *, message_id: str | None = None, **fields: Any
) -> Any:
    """The customer of `ticket` writes again, by mail and from their first address."""
    point = ticket.customer.contact_points.filter(kind=Kind.MAIL).first()
    name = unique("said")
    fields = {"key": name, "sender": point.value if point else ""} | fields
    message_id = f"{name}@mail.example" if message_id is None else message_id
    return tickets.services.hear(ticket, text, channel=Channel.MAIL, message_id=message_id, **fields)


def make_reason(*, brand: Brand | None = None, **fields: Any) -> Reason:
    """A reason for goodwill that allows 50 to 1,000 points."""
    fields.setdefault("code", unique("late-parcel-"))
    fields.setdefault("label", "Late parcel")
    fields.setdefault("sentence", "We have added {points} points (worth {worth}) for the long wait.")
    return Reason.objects.create(brand=brand or make_brand(), **fields)


def next_day(zone: str, hour: int = 10, *, days: int = 1, hours: int = 1) -> tuple[datetime, datetime]:
    """A window of `hours` from `hour` o'clock in `zone`, `days` from today."""
    day: date = clock.now().astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    start = datetime.combine(day, time(hour), tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return start, start + timedelta(hours=hours)


def make_policy(*, agent: Agent, brand: Brand, **fields: Any) -> Policy:
    """What one agent may give in this brand, for as long as anybody remembers."""
    since = instant("2020-01-01T00:00:00+00:00")
    return Policy.objects.create(
        **({"agent": agent, "brand": brand, "per_grant": 500, "starts_at": since} | fields)
    )


def make_budget(*, brand: Brand, **fields: Any) -> Budget:
    """10,000 points to give until thirty days from now."""
    at = clock.now()
    when = {"starts_at": at - timedelta(days=1), "ends_at": at + timedelta(days=30)}
    return Budget.objects.create(
        **({"brand": brand, "name": unique("Budget "), "points": 10_000} | when | fields)
    )


def make_incident_grant(incident: Ticket, *hit: Ticket, by: Agent) -> IncidentGrant:
    """Goodwill asked for each customer whose ticket the incident caused; the first of them was left out already."""
    for ticket in hit:
        tickets.services.link(ticket, incident, kind="incident", by=by)
    reason = Reason.objects.filter(brand=incident.brand_id).earliest("pk")
    grant = goodwill.services.incidents.ask(incident, 100, by=by, reason=reason, key=unique())
    grant.lines.create(brand_id=incident.brand_id, ticket=hit[0], outcome="no_member")
    return grant


def make_remedies(*, brand: Brand, by: Agent, mark: str = "") -> Offer:
    """A member who was given a benefit, and one who may choose between 50 points and a call; both called `mark`."""
    mark = mark or unique("Remedy ")
    queue = Queue.objects.filter(brand=brand).first() or make_queue(brand=brand)
    reason = make_reason(brand=brand, label=mark)
    given, asked = (
        make_ticket(customer=make_member(brand=brand, name=mark), queue=queue, subject=mark, text=mark)
        for _ in range(2)
    )
    benefit = make_benefit(given.customer.account.programme, name=mark)
    goodwill.services.grant_gift(given, benefit, by=by, reason=reason, key=unique("gift"))
    options = [goodwill.services.Option(50), goodwill.services.Option()]
    return goodwill.services.offer(asked, options, by=by, reason=reason, key=unique("offer"), text=mark)


def make_pledge(*, brand: Brand, by: Agent | None = None, published: bool = True, **fields: Any) -> Pledge:
    """The first answer within an hour, or 100 points, from a budget of its own; from yesterday on."""
    by = by or make_agent(role=roles.SUPERVISOR, brands=[brand])
    since = clock.now() - timedelta(days=1)
    fields = {"name": unique("Pledge "), "minutes": 60, "points": 100, "starts_at": since} | fields
    fields["reason"] = fields.get("reason") or make_reason(brand=brand)
    fields["budget"] = fields.get("budget") or make_budget(brand=brand, pays_pledges=True)
    pledge = Pledge.objects.create(brand=brand, **fields)
    return goodwill.services.publish(pledge, by=by) if published else pledge


def make_finding(*, agent: Agent, brand: Brand, **fields: Any) -> Finding:
    """That an agent gave something to a customer of the same name."""
    told = {"kind": "related", "evidence": {"via": "name", "hits": 1, "points": 50, "requests": []}}
    return Finding.objects.create(brand=brand, agent=agent, key=unique("finding"), **(told | fields))


def make_watch(*, brand: Brand, night: str = "2026-01-01") -> Watch:
    """A night in which nothing was found."""
    return Watch.objects.create(brand=brand, night=night)


def make_callback(
    *,
    customer: Customer | None = None,
    ticket: Ticket | None = None,
    by: Agent | None = None,
    window: tuple[datetime, datetime] | None = None,
    kind: str = Callback.Kind.CALL,
    **fields: Any,
) -> Callback:
    """A promise to call tomorrow at ten of the customer's time; the customer gets a phone if there is none."""
    customer = customer or (ticket.customer if ticket else make_customer())
    phone = fields.pop("contact_point", None) or customer.contact_points.filter(kind=Kind.PHONE).first()
    if kind == Callback.Kind.CALL and phone is None:
        phone = make_phone(customer=customer)
    fields = {"reason": "Where the parcel is", "key": unique("promise"), "contact_point": phone} | fields
    return callbacks.services.promise(
        customer,
        window or next_day(customer.zone),
        by=by or make_agent(brands=[customer.brand]),
        ticket=ticket,
        kind=kind,
        **fields,
    )


def make_callback_rules(*, brand: Brand, customer: Customer, by: Agent, mark: str = "") -> CallbackPolicy:
    """What a brand can set up for its callbacks, one row of each table, as it holds without them.

    Names bear `mark`; `customer` wants to be called from 8:00 to 21:00, and `by` has a line.
    """
    team = make_team(brand=brand, name=mark or unique("Callers "))
    QuietHours.objects.create(brand=brand, country="")
    RetryRule.objects.create(brand=brand, outcome="busy", after_minutes=10, times=4, other_hour=False)
    FollowUp.objects.create(brand=brand, sign="late", about=mark or unique("Ask "))
    DialledLine.objects.create(agent=by, address=unique("line"))
    for weekday in ContactHours.Weekday.values:
        ContactHours.objects.create(
            brand=brand, customer=customer, weekday=weekday, opens="08:00", closes="21:00"
        )
    return CallbackPolicy.objects.create(brand=brand, team=team)


def instant(text: str) -> datetime:
    """The UTC instant of an ISO time with an offset."""
    at = datetime.fromisoformat(text)
    assert at.tzinfo is not None, f"{text} names no offset"
    return at.astimezone(UTC)


def now_of(customer: Customer) -> Account:
    """The account of a customer as it is in the database."""
    return Account.objects.select_related("tier", "merged_into").get(customer=customer)


def freeze(customer: Customer, *, by: Agent) -> Account:
    """The account of a customer, frozen."""
    return loyalty.services.freeze(now_of(customer), by=by, reason="fraud")


def make_alike(*, brand: Brand, by: Agent, name: str = "") -> Merge:
    """Four customers of `brand`: two who were merged by a supervisor, two proposed as one, and told to be two."""
    fields = {"name": name} if name else {}
    one, other, third, fourth = (make_customer(brand=brand, **fields) for _number in range(4))
    customers.services.not_the_same(one, third, by=by)
    Duplicate.objects.create(brand=brand, one=one, other=fourth, score=85, reasons=["birthday", "name"])
    boss = make_agent(brands=[brand], role=roles.SUPERVISOR, **fields)
    return customers.services.merge(one, other, by=boss, reason="twice", key=unique("merge"))


def make_contact_reason(*, brand: Brand, parent: ContactReason | None = None, **fields: Any) -> ContactReason:
    """A contact reason of `brand`, at the top or under `parent`."""
    sound = {"label": unique("Reason "), "depth": parent.depth + 1 if parent else 1}
    return ContactReason.objects.create(brand=brand, parent=parent, **(sound | fields))


def make_field(
    *, brand: Brand, kind: str = "text", choices: Sequence[str] = (), **fields: Any
) -> TicketField:
    """A field of the brand's tickets, with `choices` in their order."""
    fields.setdefault("label", unique("Field "))
    field = TicketField.objects.create(brand=brand, kind=kind, **fields)
    for position, label in enumerate(choices):
        field.choices.create(label=label, position=position)
    return field


def make_shop_task(ticket: Ticket, *, by: Agent, order: Order | None = None, **fields: Any) -> ShopTask:
    """A refund of 10.00 of the first article of `order` (left out: a new one), asked of the shop on `ticket`."""
    order = order or make_order(customer=ticket.customer)
    piece = tickets.services.Piece(
        order.lines.all()[0], fields.pop("quantity", 0), fields.pop("amount_minor", 1000)
    )
    kind = fields.pop("kind", "refund")
    return tickets.services.ask_shop(
        ticket, order, kind, [piece], by=by, **({"key": unique("shop")} | fields)
    )


def make_sorted(ticket: Ticket, *, by: Agent, mark: str = "") -> None:
    """A reason with a ticked line, a field that is filled in, a task for the shop and a wrap-up, on `ticket`."""
    mark = mark or unique("Mark ")
    brand, now = ticket.brand, clock.now()
    above = make_contact_reason(brand=brand, label=f"Above {mark}")
    reason = make_contact_reason(brand=brand, parent=above, label=mark)
    line = reason.checklist.create(text=mark)
    tickets.services.set_reason(ticket, reason, by=by)
    tickets.services.tick(ticket, line, by=by)
    field = make_field(brand=brand, kind="choice", label=mark, choices=[mark])
    FieldQueue.objects.create(brand=brand, field=field, queue=ticket.queue)
    tickets.services.fill(ticket, field, str(field.choices.get().pk), by=by)
    make_shop_task(ticket, by=by, note=mark)
    WrapUp.objects.create(
        brand=brand, ticket=ticket, agent=by, started_at=now, until=now + timedelta(hours=1)
    )


def make_calendar(*, brand: Brand | None = None, **fields: Any) -> Calendar:
    """Nine to five in Berlin on weekdays, in force."""
    fields = {"name": unique("Office "), "time_zone": "Europe/Berlin"} | fields
    calendar = Calendar.objects.create(brand=brand or make_brand(), **fields)
    for weekday in range(5):
        calendar.openings.create(weekday=weekday, opens=time(9), closes=time(17))
    tickets.services.publish(calendar)
    return Calendar.objects.select_related("hours").get(pk=calendar.pk)


def make_notification(agent: Agent, brand: Brand, **fields: Any) -> Notification:
    sound = {"kind": "late", "subject": f"{brand.code}-1", "key": unique("told")} | fields
    return Notification.objects.create(agent=agent, brand=brand, **sound)


def make_view(*, brand: Brand, **fields: Any) -> SavedView:
    """A list that is shared with the whole brand."""
    return SavedView.objects.create(
        brand=brand, **({"name": unique("View "), "query": "is:waiting"} | fields)
    )


def make_sla(*, brand: Brand, **fields: Any) -> SlaPolicy:
    """Two hours for a first answer, four for the next, in a new office's hours; `calendar` None: around the clock."""
    sound: dict[str, Any] = {"name": unique("SLA "), "position": 5, "first_minutes": 120, "next_minutes": 240}
    if "calendar" not in fields:
        sound["calendar"] = make_calendar(brand=brand)
    return SlaPolicy.objects.create(brand=brand, **(sound | fields))


def open_by_hand(customer: Customer, *, queue: Queue, by: Agent, at: datetime, **fields: Any) -> Ticket:
    """A ticket for what `customer` told `by` on the phone."""
    told = {"channel": "phone", "subject": "Parcel", "text": "It never came.", "key": unique("hand")} | fields
    return tickets.services.open_by_hand(customer, queue=queue, by=by, at=at, **told)


def make_rule(
    *, brand: Brand, by: Agent | None = None, conditions: Any = None, actions: Any = None, **fields: Any
) -> Rule:
    """A rule in force that tags tickets “seen” when they are opened, published by a supervisor of the brand."""
    sound: dict[str, Any] = {"name": unique("Rule "), "event": "opened"} | fields
    actions = [{"do": "tag", "name": "seen"}] if actions is None else actions
    rule = Rule.objects.create(brand=brand, conditions=conditions or {}, actions=actions, **sound)
    tickets.services.publish_rule(rule, by=by or make_agent(brands=[brand], role=roles.SUPERVISOR))
    rule.refresh_from_db()
    return rule


def make_run(rule: Rule, ticket: Ticket, **fields: Any) -> RuleRun:
    """That a rule has run on a ticket, written by hand."""
    sound = {"event": rule.event, "key": unique("run"), "at": clock.now(), "outcome": "done"} | fields
    return RuleRun.objects.create(
        brand_id=rule.brand_id, rule=rule, version=rule.version, ticket=ticket, **sound
    )


def make_macro(*, brand: Brand, **fields: Any) -> Macro:
    """A macro that greets the customer by name and does nothing else."""
    sound = {"title": unique("Macro "), "text": "Hello {customer first name}!"} | fields
    return Macro.objects.create(brand=brand, **sound)


PNG = base64.b64decode(  # a picture of one dot
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def make_draft(ticket: Ticket, *, by: Agent, text: str = "Begun", **fields: Any) -> Draft:
    """Words that `by` has begun in the ticket; with `due_at` they are held, to go out then."""
    sound: dict[str, Any] = {"kind": "reply", "text": text, "seen": ticket.message_seq}
    if fields.get("due_at"):
        sound["key"] = unique("held")
    return Draft.objects.create(ticket=ticket, agent=by, **(sound | fields))


def make_survey(ticket: Ticket, **fields: Any) -> Survey:
    """The question about `ticket`, as if it had been solved and asked about just now."""
    now = clock.now()
    sound = {"state": "asked", "resolved_at": now, "asked_at": now}
    return Survey.objects.create(
        brand_id=ticket.brand_id, ticket=ticket, queue=ticket.queue, **(sound | fields)
    )


def make_outward(ticket: Ticket, *, by: Agent, mark: str = "word") -> Consult:
    """What goes out of the house about `ticket` besides answers, and what sets it up; gives a question to an expert."""
    brand = ticket.brand
    AcknowledgementText.objects.create(brand=brand, language="en", text=f"Hello {{name}}, {mark}")
    SurveyRule.objects.create(brand=brand)
    tickets.services.answer_survey(make_survey(ticket, agent=by), 5, comment=mark)
    consult = tickets.services.ask_expert(
        ticket, mark, address=f"{unique('expert')}@else.example", name=mark, by=by, key=unique("consult")
    )
    tickets.services.hear_expert(consult, mark, key=unique("answer"))
    return consult


def make_state_reason(*, brand: Brand, **fields: Any) -> StateReason:
    sound = {"code": unique("lunch"), "label": "Lunch", "kind": "away", "counts_as_work": False}
    return StateReason.objects.create(brand=brand, **(sound | fields))


def make_routing(*, queue: Queue, skills: Sequence[Skill] = (), **fields: Any) -> RoutingPolicy:
    """A policy by which `queue` hands its tickets out."""
    policy = RoutingPolicy.objects.create(
        brand=queue.brand, queue=queue, is_active=fields.pop("is_active", True), **fields
    )
    policy.skills.set(skills)
    return policy


def make_capacity(*, agent: Agent, brand: Brand, channel: str = "mail", tickets: int = 1) -> Capacity:
    return Capacity.objects.create(agent=agent, brand=brand, channel=channel, tickets=tickets)


def make_decision(ticket: Ticket, **fields: Any) -> RoutingDecision:
    """That nobody fits a ticket, written down."""
    sound = {"step": 0, "considered": 0, "reasons": ["nobody_here"]}
    return RoutingDecision.objects.create(brand_id=ticket.brand_id, ticket=ticket, **(sound | fields))


def come(*agents: Agent, at: datetime | None = None) -> None:
    """These agents are here and available."""
    for agent in agents:
        set_state(agent, "available", by=agent, at=at)
