"""Two brands with a row of everything in each, and everybody who may knock."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import resolve

import agents.services
import goodwill.services
import tickets.services
from agents.models import Agent, Brand, Skill
from agents.scopes import SCOPES
from callbacks.models import Callback, ContactHours, QuietHours
from contactcenter import clock
from customers.models import Customer, Merge, Order, OrderLine
from goodwill.models import IncidentGrant, Offer, Pledge, Policy, Reason, Request
from loyalty.models import Account, Redemption, Reward, Voucher
from tests import make
from tests.admin.rows import SHARED, fill
from tests.contactcenter.rooms import our_models
from tickets.models import (
    Attachment,
    ChecklistItem,
    Consult,
    ContactReason,
    Draft,
    InboundMail,
    Macro,
    Message,
    ShopTask,
    Ticket,
    TicketField,
)

NOTED = ("last_login", "last_used_at")  # what is noted of everybody who comes in
# Words that no other row bears.
MARK, CODE, PHONE = "Quixmark", "QUIXMK", "+4930250617"

# Who knocks, in the order of the columns of addresses.txt.
OWN = ("visitor", "agent", "supervisor", "administrator", "integration")
STRANGERS = ("other agent", "other supervisor", "other administrator", "other integration")
WHO = (*OWN, *STRANGERS)


@dataclass
class World:
    """The brand whose rows nobody else may know of, and the sessions of those who knock."""

    brand: Brand
    customer: Customer
    ticket: Ticket
    callback: Callback
    attachment: Attachment
    watcher: Agent
    sessions: dict[str, str]
    tokens: dict[str, str]
    browser: Client = field(default_factory=lambda: Client(raise_request_exception=False))
    keys: dict[str, Any] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    meant: dict[str, dict[str, Any]] = field(default_factory=dict)
    as_it_was: dict[str, Any] = field(default_factory=dict)

    def path(self, address: str) -> str:
        """The address with the keys of the brand's rows in it."""
        if address not in self.paths:
            self.paths[address] = self._path(address)
        return self.paths[address]

    def _path(self, address: str) -> str:
        kind = re.match(r"/admin/(\w+)/(\w+)/\{row\}", address)
        row = self.row(apps.get_model(*kind.groups())).pk if kind else None
        return address.format(row=row, **self.keys)

    def row(self, model: Any) -> Any:
        """A row of the brand; of the tables that all share, any."""
        rows = model._default_manager.all()
        if hasattr(rows, "visible_to"):
            rows = rows.visible_to(self.watcher).exclude(pk__in=[self.watcher.pk] if model is Agent else [])
        return rows.order_by("pk")[0]

    def send(self, who: str, method: str, path: str, data: dict[str, Any]) -> Any:
        """One request of `who` in a browser that knows nothing else; to the API with their token, as a program."""
        client = self.browser  # one for all: each new one would load every middleware again
        client.cookies.clear()
        if path.startswith("/api/"):
            headers = {"Idempotency-Key": "walk"}
            if token := self.tokens.get(who):
                headers["Authorization"] = f"Bearer {token}"
            if method == "get":
                return client.get(path, data, headers=headers)
            return client.post(path, data, content_type="application/json", headers=headers)
        if key := self.sessions.get(who):
            client.cookies["sessionid"] = key
        return getattr(client, method)(path, data)

    def rows(self) -> dict[str, Any]:
        """Everything the brand has, as its own people see it."""
        found = {}
        for model in our_models():
            if model in SHARED:
                continue
            rows = model._default_manager.visible_to(self.watcher)
            fields = [field.attname for field in model._meta.concrete_fields if field.attname not in NOTED]
            found[model._meta.label] = list(rows.order_by("pk").values_list(*fields))
        found["serves"] = list(Agent.brands.through.objects.filter(brand=self.brand).values_list())
        return found

    def words(self) -> list[str]:
        """Exact words by which rows of the brand are found by those who may."""
        mail = InboundMail.objects.filter(brand=self.brand).earliest("pk")
        return [
            self.customer.name,
            self.customer.contact_points.get(kind="mail").value,
            PHONE,
            Order.objects.filter(brand=self.brand).earliest("pk").number,
            Account.objects.get(customer=self.customer).number,
            self.ticket.reference,
            mail.sha256,
        ]


def keys(world: World) -> dict[str, Any]:
    """What stands in the addresses for the brand's rows, each looked up once."""
    offer = Offer.objects.select_related("request__ticket__brand").get(brand=world.brand)
    return {
        "view": world.row(apps.get_model("tickets", "SavedView")).pk,
        "brand": world.brand.pk,
        "customer": world.customer.pk,
        "other": Customer.objects.in_use().filter(brand=world.brand, account=None).earliest("pk").pk,
        "merge": Merge.objects.filter(brand=world.brand).earliest("pk").pk,
        "ticket": world.ticket.reference,
        "callback": world.callback.pk,
        "file": world.attachment.pk,
        "picture": Attachment.objects.get(is_inline=True, draft__ticket=world.ticket).pk,
        "draft": Draft.objects.written().get(ticket=world.ticket).pk,
        "held": Draft.objects.held().get(ticket=world.ticket).pk,
        "consult": Consult.objects.filter(brand=world.brand).earliest("pk").pk,
        "message": world.ticket.messages.earliest("seq").pk,
        "address": world.customer.contact_points.get(kind="phone").pk,
        "order": Order.objects.filter(brand=world.brand).earliest("pk").pk,
        "macro": Macro.objects.get(brand=world.brand).pk,
        "redemption": Redemption.objects.filter(brand=world.brand).earliest("pk").pk,
        "reason": ContactReason.objects.filter(brand=world.brand).earliest("pk").pk,
        "field": TicketField.objects.filter(brand=world.brand).earliest("pk").pk,
        "task": ShopTask.objects.get(brand=world.brand).pk,
        "offer": offer.pk,
        "offered": offer.request.ticket.reference,
        "goodwill": Request.objects.get(brand=world.brand, state="waiting").pk,
        "incident": IncidentGrant.objects.get(brand=world.brand).pk,
        "entry": world.customer.account.entries.earliest("seq").pk,
    }


def settle() -> World:
    """Everything there is; the other brand has its own rows, so that no page is empty for its people."""
    brand = make.make_brand(code=CODE, name=f"{MARK} Goods", time_zone="Europe/Berlin")
    other = make.make_brand(code="KL", name="Kilo Lamps", time_zone="America/Sao_Paulo")
    doer = fill(brand, MARK)
    for hours in (QuietHours, ContactHours):  # a call may be made whenever the walk is walked
        hours.objects.filter(brand=brand).update(opens="00:00", closes="00:00")
    make.make_queue(brand=brand, name=f"{MARK} returns")
    fill(other, "Kilo")
    Skill.objects.create(code="lamps", name="Lamps")  # of no brand, for all
    customer = Customer.objects.filter(brand=brand).earliest("pk")
    customer.contact_points.filter(kind="phone").update(value=PHONE)
    ticket = Ticket.objects.select_related("brand", "customer").filter(brand=brand).earliest("pk")
    callback = Callback.objects.get(brand=brand)
    attachment = Attachment.objects.get(message__ticket=ticket)
    attachment.file.save("x", ContentFile(MARK.encode()), save=True)
    ticket.messages.update(html=f"<p>{MARK}</p>")
    trouble(ticket, doer)
    tickets.services.add_file(ticket, "label.png", make.PNG, by=doer, is_inline=True)
    make.make_draft(ticket, by=doer, text=MARK, due_at=clock.now() + timedelta(hours=1))
    Policy.objects.update(apart_days=None)  # a further grant to the customer is within everybody's limits
    reason = Reason.objects.filter(brand=brand).earliest("pk")
    goodwill.services.ask(ticket, 600, by=doer, reason=reason, key="waits")
    sessions, tokens = {}, {}
    for who in WHO[1:]:
        role = who.removeprefix("other ")
        agent = make.make_agent(
            role=role, brands=[other if who in STRANGERS else brand], name=f"Knocking {role}"
        )
        client = Client()
        client.force_login(agent)
        sessions[who] = client.cookies["sessionid"].value
        tokens[who] = agents.services.issue_token(agent, name="walk", scopes=SCOPES)[1]
    watcher = make.make_agent(brands=[brand], role=None)
    world = World(brand, customer, ticket, callback, attachment, watcher, sessions, tokens)
    world.keys, world.as_it_was, world.meant = keys(world), world.rows(), bodies(world)
    return world


def trouble(ticket: Ticket, agent: Agent) -> None:
    """What the start page speaks of: a mail not sent, one in quarantine, a promise missed."""
    reply = tickets.services.reply(ticket, MARK, by=agent, key="failed", seen=ticket.message_seq)
    Message.objects.filter(pk=reply.pk).update(state="failed", last_error=MARK, due_at=None)
    digest = hashlib.sha256(MARK.encode()).hexdigest()
    InboundMail.objects.create(
        sha256=digest, raw=MARK.encode(), brand=ticket.brand, outcome="quarantined", reason=MARK
    )
    now = clock.now()
    Callback.objects.filter(ticket=ticket).update(
        window_from=now - timedelta(hours=2), window_to=now - timedelta(hours=1), state="due"
    )


def bodies(world: World) -> dict[str, dict[str, Any]]:
    """What is sent to an address by somebody who means it; where nothing stands, an empty form is sent."""
    start, end = make.next_day("Europe/Berlin", 15, days=2)
    reason = Reason.objects.filter(brand=world.brand).earliest("pk")
    reward = Reward.objects.get(brand=world.brand)
    promise = {
        "key": "d", "kind": "task", "window": f"{start.isoformat()}/{end.isoformat()}", "reason": "Parcel",
        "owner": world.watcher.pk,
    }  # fmt: skip
    window = {"window_from": start.isoformat(), "window_to": end.isoformat()}
    lines = [{"sku": "S", "name": "Scarf", "quantity": 1, "amount_minor": 100}]
    stands = Callback.objects.values_list("window_from", "window_to").get(pk=world.callback.pk)
    line = OrderLine.objects.filter(order__brand=world.brand).earliest("pk").pk
    customer, ticket = world.customer.pk, world.ticket.reference
    second = Ticket.objects.filter(brand=world.brand).select_related("brand").latest("pk").reference
    code = Voucher.objects.get(redemption__brand=world.brand).code
    account = world.customer.account.number
    pledge = Pledge.objects.get(brand=world.brand)
    return {
        "/customers/{customer}/edit/": {"name": "Taken over", "language": "en", "seen": "0", "anyway": "yes"},
        "/customers/{customer}/addresses/": {"kind": "mail", "value": "taken@over.example"},
        "/customers/{customer}/consents/": {"purpose": "calls", "given": "no", "source": "call", "seen": "0"},
        "/customers/{customer}/enrol/": {"source": "call"},
        "/customers/{customer}/verify/": {"what": "judge"},
        "/customers/{customer}/merge/{other}/": {"kept": customer, "reason": "twice", "key": "d"},
        "/merges/{merge}/undo/": {"key": "d"},
        "/addresses/{address}/remove/": {},
        "/tickets/new/?customer={customer}": {
            "customer": customer, "channel": "phone", "subject": "Taken", "text": "Over", "key": "d",
        },
        "/api/v1/customers/": {"brand": CODE, "name": "Taken over"},
        "/api/v1/orders/": {"customer": customer, "number": "N-1", "lines": lines},
        "/api/v1/orders/{order}/refunds/": {"lines": [{"line": line, "amount_minor": 100, "quantity": 1}]},
        "/api/v1/tickets/": {"customer": customer, "subject": "Taken", "text": "Over", "channel": "phone"},
        "/api/v1/tickets/{ticket}/reply/": {"text": "Taken over", "seen": 9},
        "/api/v1/tickets/bulk/": {"tickets": [ticket], "deed": "priority", "priority": 3},
        "/api/v1/tickets/{ticket}/sort/": {"priority": 4, "type": "task"},
        "/looks/": {"ticket": ticket, "rows": ticket},
        "/api/v1/presence/": {"brand": CODE, "state": "away"},
        "/api/v1/goodwill/": {"ticket": ticket, "reason": reason.code, "points": 100},
        "/api/v1/callbacks/": {"customer": customer, "kind": "task", "reason": "Taken over"} | window,
        "/api/v1/callbacks/{callback}/move/": window,
        "/api/v1/callbacks/{callback}/outcome/": {"outcome": "no_answer"},
        "/api/v1/callbacks/{callback}/hand-over/": {"owner": Agent.objects.serving(world.brand).earliest("pk").pk},
        "/tickets/{ticket}/consult/": {"key": "d", "address": "taken@over.example", "question": "Taken over?"},
        "/tickets/{ticket}/say/": {"key": "d", "kind": "note", "text": "Hello", "seen": 9, "then": "stay"},
        "/tickets/{ticket}/draft/?of={draft}": {
            "key": "d", "kind": "reply", "text": "Taken over", "seen": 9, "version": 0,
        },
        "/tickets/{ticket}/draft/preview/": {"text": "Taken over"},
        "/views/keep/": {"name": "Taken over", "query": "is:mine", "brand": world.brand.pk, "shared": "all"},
        "/tickets/{ticket}/assign/": {"to": ""},
        "/tickets/{ticket}/status/": {"status": "resolved", "seen": 9},
        "/tickets/{ticket}/queue/": {"queue": world.ticket.brand.queues.exclude(pk=world.ticket.queue_id).get().pk},
        "/tickets/{ticket}/snooze/": {"until": "tomorrow"},
        "/tickets/{ticket}/priority/": {"priority": 4},
        "/tickets/{ticket}/type/": {"type": "task"},
        "/tickets/{ticket}/tags/": {"name": "taken over"},
        "/tickets/{ticket}/reason/": {"off": "yes"},
        "/tickets/{ticket}/checklist/": {"item": ChecklistItem.objects.get(reason__brand=world.brand).pk, "off": "yes"},
        "/tickets/{ticket}/fields/": {f"field-{TicketField.objects.get(brand=world.brand).pk}": ""},
        "/tickets/{ticket}/orders/{order}/shop/": {
            "key": "d", "kind": "resend", "shown": "resend", "line": line, f"quantity-{line}": 1,
        },
        "/api/v1/shop-tasks/": {
            "ticket": ticket, "order": OrderLine.objects.get(pk=line).order_id, "kind": "resend",
            "lines": [{"line": line, "quantity": 1}],
        },
        "/api/v1/shop-tasks/{task}/refuse/": {"answer": "Taken over."},
        "/tickets/{ticket}/links/": {"kind": "related", "other": second},
        "/tickets/{ticket}/merge/": {"into": ticket},
        "/tickets/{ticket}/goodwill/": {"key": "d", "reason": reason.pk, "points": 100},
        "/tickets/{ticket}/incident/": {"key": "d", "reason": reason.pk, "points": 100},
        "/tickets/{ticket}/remedies/": {
            "key": "d", "reason": reason.pk, "remedy": "points", "points": 50, "deed": "give",
        },
        "/tickets/{ticket}/redeem/": {"key": "d", "reward": f"{reward.pk}:500"},
        "/tickets/{ticket}/callback/": promise,
        "/callbacks/{callback}/done/": {"key": "d"},
        "/callbacks/{callback}/call/": {"key": "dial"},
        "/admin/callbacks/callback/direct/?id={callback}": {
            "row": f"{world.callback.pk}/{stands[0].isoformat()}/{stands[1].isoformat()}", "when": "fixed",
            "day": start.date().isoformat(), "opens": "15:00", "closes": "16:00",
        },
        "/admin/loyalty/adjustment/{row}/decide/": {"decision": "approve"},
        "/admin/goodwill/request/{row}/decide/": {"decision": "decline"},
        "/admin/goodwill/incidentgrant/{row}/progress/": {"decision": "decline"},
        "/admin/goodwill/policy/{row}/change/": {
            "per_grant": "900", "starts_at_0": "2030-01-01", "starts_at_1": "10:00",
        },
        "/admin/goodwill/finding/{row}/look/": {"decision": "take"},
        "/admin/goodwill/reason/{row}/change/": {
            "label": "Taken over", "kind": "apology", "severity": "2", "min_points": "1", "default_points": "2",
            "max_points": "3", "sentence": "Sorry.", "rank": "1",
            "sentences-TOTAL_FORMS": "0", "sentences-INITIAL_FORMS": "0",
        },
        "/admin/goodwill/budget/{row}/change/": {
            "name": "Taken over", "points": "9000", "starts_at_0": "2030-01-01", "starts_at_1": "10:00",
            "ends_at_0": "2030-02-01", "ends_at_1": "10:00", "is_hard": "on",
        },
        "/admin/goodwill/pledge/{row}/change/": {
            "name": "Taken over", "budget": pledge.budget_id, "ends_at_0": "2040-02-01", "ends_at_1": "10:00",
        },
        "/admin/goodwill/pledge/{row}/publish/": {"decision": "stop"},
        "/orders/{order}/missing/": {"key": "d"},
        "/api/v1/vouchers/use/": {"code": code},
        "/admin/loyalty/voucher/take-in/": {"code": code, "key": "0b1c9b3e-6f0e-4a58-9c9e-2f6f0f6d2c12"},
        "/admin/loyalty/redemption/{row}/deal/": {"decision": "undo"},
        "/admin/loyalty/account/{row}/freeze/": {"turn": "freeze", "reason": "asked"},
        "/admin/loyalty/account/{row}/transfer/": {
            "number": account, "points": "10", "reason": "asked", "key": "0b1c9b3e-6f0e-4a58-9c9e-2f6f0f6d2c13",
        },
        "/admin/loyalty/campaign/{row}/change/": {
            "code": "c", "name": "Taken over", "starts_at_0": "2030-01-01", "starts_at_1": "10:00",
            "ends_at_0": "2030-02-01", "ends_at_1": "10:00", "percent": "200", "bonus": "0", "tiers": "",
        },
        "/admin/loyalty/account/{row}/adjust/": {
            "points": "50", "reason": "missing_order", "key": "0b1c9b3e-6f0e-4a58-9c9e-2f6f0f6d2c11",
        },
    }  # fmt: skip


def body(world: World, address: str) -> dict[str, Any]:
    if address in world.meant:
        return world.meant[address]
    match = resolve(world.path(address).split("?")[0])
    if (match.url_name or "").endswith("_changelist"):
        model = apps.get_model(*address.strip("/").split("/")[1:])
        deed = next(iter(admin.site.get_model_admin(model).actions or ()), "delete_selected")
        return {"action": deed, "_selected_action": world.row(model).pk, "post": "yes"}
    if address.endswith("/delete/"):
        return {"post": "yes"}
    if address.endswith("/{row}/change/"):
        return changed(world, address)
    if address.endswith("/export/"):
        return {"format": "0", "resource": "0"}
    return {}


def changed(world: World, address: str) -> dict[str, Any]:
    """The form of a row with one word changed, as its own administrator would send it."""
    label = re.match(r"/admin/(\w+)/(\w+)/", address)
    assert label
    row = world.row(apps.get_model(*label.groups()))
    words = {name: "Taken over" for name in ("name", "label") if hasattr(row, name)}
    values = {
        field.name: field.value_from_object(row) for field in row._meta.concrete_fields if field.editable
    }
    return {name: value for name, value in values.items() if value not in (None, b"")} | words
