"""Why the demo's customers write, what its brands want to know besides, and what a shop is asked to do."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from zlib import crc32

import tickets.services
from agents.models import Brand
from contactcenter.demo.story import Story
from tickets.models import ContactReason, FieldQueue, ShopTask, Ticket, TicketField

# Reasons by queue: what lies under its own name.
REASONS = {
    "Care": {
        "Account": ["Points missing", "Change of address"],
        "Advice": ["Which one fits", "Care of wood"],
    },
    "Shipping EU": {"Delivery": ["Late", "Never arrived", "Damaged on the way"]},
    "Returns": {"Return": ["Does not fit", "Wrong article", "Where is my refund"]},
    "Alva care": {"Advice": ["Which one fits"], "Product": ["Broken", "Part missing"]},
    "Deliveries": {"Delivery": ["Late", "Never arrived"]},
}
# What is to be asked and done, by the reason at the top.
CHECKLISTS = {
    "Delivery": [
        ("question", "Is the address still right?"),
        ("question", "Does the courier's page show a scan?"),
        ("remedy", "Offer a second parcel or the money back"),
    ],
    "Return": [("question", "Is it unused?"), ("remedy", "Send a label")],
    "Product": [("question", "Ask for a picture"), ("remedy", "Offer the part before the whole")],
}
ASKED = timedelta(minutes=25)  # before now
BY_COURIER = {"FF": "Shipping EU", "AH": "Deliveries"}  # the queue that asks by whom it was sent


def found(story: Story) -> None:
    """Set the trees, checklists and fields of both brands up."""
    for name, queue in story.queues.items():
        for label, under in REASONS.get(name, {}).items():
            _reason(queue.brand, label, under)
    for brand in story.brands.values():
        TicketField.objects.create(brand=brand, label="Serial number", kind="text", position=1)
        courier = TicketField.objects.create(brand=brand, label="Courier", kind="choice", position=2)
        for position, label in enumerate(["DHL", "DPD", "Royal Mail", "somebody else"]):
            courier.choices.create(label=label, position=position)
        queue = story.queues[BY_COURIER[brand.code]]
        FieldQueue.objects.create(brand=brand, field=courier, queue=queue)


def plan(story: Story) -> None:
    """Of each brand one agent has asked the shop to send something again, a while ago."""
    for brand in story.brands.values():
        story.add(story.now - ASKED, partial(_ask, brand))


def _ask(brand: Brand) -> None:
    mine = (
        Ticket.objects.unsolved().exclude(assignee=None).filter(brand=brand, customer__orders__isnull=False)
    )
    ticket = mine.select_related("assignee").order_by("pk").first()
    if ticket is None or ticket.assignee is None:
        return
    order = ticket.customer.orders.order_by("-placed_at", "-pk")[0]
    piece = tickets.services.Piece(order.lines.all()[0], quantity=1)
    tickets.services.ask_shop(
        ticket, order, ShopTask.Kind.RESEND, [piece], by=ticket.assignee, key=f"demo:shop:{brand.code}",
        note="By express, please.",
    )  # fmt: skip


def _reason(brand: Brand, label: str, under: list[str]) -> None:
    top, is_new = ContactReason.objects.get_or_create(brand=brand, parent=None, label=label)
    if is_new:
        for position, (kind, text) in enumerate(CHECKLISTS.get(label, [])):
            top.checklist.create(kind=kind, text=text, position=position)
    for name in under:
        ContactReason.objects.get_or_create(brand=brand, parent=top, label=name, defaults={"depth": 2})


def say_why(story: Story, ticket: Ticket, *, who: str, at: datetime) -> None:
    """Give every other ticket a reason of its queue before it is resolved."""
    chance = crc32(ticket.key.encode())
    under = [name for names in REASONS.get(ticket.queue.name, {}).values() for name in names]
    if chance % 2 and under:
        label = under[chance // 2 % len(under)]
        reason = ContactReason.objects.filter(brand=ticket.brand_id, label=label).first()
        tickets.services.set_reason(ticket, reason, by=story.agents[who], at=at)
