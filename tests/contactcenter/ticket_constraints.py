"""What can never be true of tickets and what stands in them: the cases of test_constraints for them."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace as World
from typing import Any

from django.db import connection

from contactcenter import clock
from tests.contactcenter.behind import change
from tests.make import make_team
from tickets.models import (
    Attachment,
    Draft,
    Message,
    SavedView,
    Tag,
    Ticket,
    TicketEvent,
    TicketLink,
    TicketTag,
    TicketWords,
)

NOW = clock.now()


def message(world: World, **fields: Any) -> Message:
    sound = {
        "ticket": world.ticket,
        "seq": 99,
        "kind": "note",
        "channel": "mail",
        "key": "m",
        "author": world.agent,
    }
    return Message.objects.create(**(sound | fields))


def draft(world: World, **fields: Any) -> Draft:
    return Draft.objects.create(**({"ticket": world.ticket, "agent": world.agent, "kind": "reply"} | fields))


def event(world: World, **fields: Any) -> TicketEvent:
    """A line of the audit, written behind the services' back."""
    sound = {"ticket": world.ticket, "kind": "status", "actor": "system", "data": {"before": 1, "after": 2}}
    return TicketEvent.objects.create(**(sound | fields))


def unchained(world: World) -> None:
    """A second first line of a ticket, where the trigger that numbers them is off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE tickets_ticketevent DISABLE TRIGGER USER")
    event(world, seq=1)


def tagged(world: World, **fields: Any) -> TicketTag:
    """A tag on a ticket, behind the services' back."""
    sound = {"brand": world.brand, "ticket": world.second_ticket, "tag": world.tag, "by": world.agent}
    return TicketTag.objects.create(**(sound | fields))


def viewed(world: World, **fields: Any) -> SavedView:
    return SavedView.objects.create(**({"brand": world.brand, "name": "Gold", "query": "tier:gold"} | fields))


def linked(world: World, **fields: Any) -> TicketLink:
    sound = {"brand": world.brand, "kind": "incident", "one": world.ticket, "other": world.second_ticket}
    return TicketLink.objects.create(**(sound | {"by": world.agent} | fields))


def merged(world: World, into: Ticket) -> Any:
    over = {"status": "closed", "resolved_at": NOW, "due_at": None}
    return change(world.second_ticket, merged_into=into, merged_at=NOW, **over)


CASES: dict[str, Callable[[World], Any]] = {
    "tickets_queue_name_once_a_brand": lambda w: change(w.second_queue, name=w.ticket.queue.name),
    "tickets_queue_one_default_a_brand": lambda w: change(w.second_queue, is_default=True),
    "tickets_ticket_number_once_a_brand": lambda w: change(w.second_ticket, number=w.ticket.number),
    "tickets_ticket_status_known": lambda w: change(w.ticket, status="lost"),
    "tickets_ticket_ended_has_no_clock": lambda w: change(w.ticket, status="resolved"),
    "tickets_ticket_resolved_closes": lambda w: change(w.ticket, closes_at=clock.now()),
    "tickets_ticket_ended_is_awake": lambda w: change(
        w.ticket, status="closed", resolved_at=NOW, due_at=None, snoozed_until=NOW
    ),
    "tickets_ticket_merged_is_over": lambda w: change(w.second_ticket, merged_into=w.ticket, merged_at=NOW),
    "tickets_ticket_priority_known": lambda w: change(w.ticket, priority=5),
    "tickets_ticket_type_known": lambda w: change(w.ticket, type="riddle"),
    "tickets_draft_one_is_written": lambda w: [draft(w) for _ in range(2)],
    "tickets_draft_key_once": lambda w: [draft(w, key="k", due_at=NOW, text="Soon") for _ in range(2)],
    "tickets_draft_kind_known": lambda w: draft(w, kind="letter"),
    "tickets_draft_then_known": lambda w: draft(w, then="sing"),
    "tickets_draft_held_can_go": lambda w: draft(w, due_at=NOW, key="k"),
    "tickets_attachment_of_one": lambda w: Attachment.objects.create(
        name="a", size=1, sha256="0" * 64, file="a"
    ),
    "tickets_savedview_name_once_shared": lambda w: [viewed(w, name=name) for name in ("Gold", "GOLD")],
    "tickets_savedview_name_once_private": lambda w: [
        viewed(w, name=name, owner=w.agent) for name in ("Gold", "GOLD")
    ],
    "tickets_savedview_private_or_shared": lambda w: viewed(w, owner=w.agent, team=make_team(brand=w.brand)),
    "tickets_savedview_not_empty": lambda w: viewed(w, query=""),
    "tickets_tag_name_once_a_brand": lambda w: Tag.objects.create(brand=w.brand, name="LATE"),
    "tickets_tag_not_empty": lambda w: change(w.tag, name=""),
    "tickets_tickettag_once": lambda w: [tagged(w) for _ in range(2)],
    "tickets_ticketlink_once": lambda w: [linked(w) for _ in range(2)],
    "tickets_ticketlink_one_parent": lambda w: [
        linked(w, kind="parent", other=other) for other in (w.second_ticket, w.third_ticket)
    ],
    "tickets_ticketlink_kind_known": lambda w: linked(w, kind="cousin"),
    "tickets_ticketlink_takes_two": lambda w: linked(w, other=w.ticket),
    "tickets_ticketlink_related_in_order": lambda w: linked(
        w, kind="related", one=w.second_ticket, other=w.ticket
    ),
    "tickets_ticketevent_seq_once": unchained,
    "tickets_ticketevent_actor_fits": lambda w: event(w, actor="agent"),
    "tickets_ticketevent_kind_is_code": lambda w: event(w, kind="Out of office"),
    "tickets_ticketevent_tells_change": lambda w: event(w, data={"before": 1}),
    "tickets_ticketwords_part_once": lambda w: TicketWords.objects.create(
        ticket=w.ticket, brand=w.ticket.brand, words=""
    ),
    "tickets_message_seq_once": lambda w: message(w, seq=1),
    "tickets_message_only_outbound_is_sent": lambda w: message(w, state="sent"),
    "tickets_message_ours_has_author": lambda w: message(w, author=None),
    "tickets_message_waiting_has_due": lambda w: message(
        w, kind="outbound", state="queued", recipient=w.mail
    ),
    "tickets_message_kind_known": lambda w: message(w, kind="shout"),
    "tickets_message_state_known": lambda w: message(w, kind="outbound", state="lost", recipient=w.mail),
    "tickets_message_outbound_has_recipient": lambda w: message(w, kind="outbound"),
}
JOINS: dict[str, Callable[[World], Any]] = {
    "tickets_ticketwords_ticket_id_of_one_brand": lambda w: TicketWords.objects.create(
        ticket=w.ticket, brand=w.stranger.brand, part=7, words=""
    ),
    "tickets_ticket_customer_id_of_one_brand": lambda w: change(w.second_ticket, customer=w.stranger),
    "tickets_ticket_queue_id_of_one_brand": lambda w: change(w.ticket, queue=w.their_queue),
    "tickets_savedview_team_id_of_one_brand": lambda w: viewed(w, team=w.their_team),
    "tickets_tickettag_ticket_id_of_one_brand": lambda w: tagged(w, ticket=w.their_ticket),
    "tickets_tickettag_tag_id_of_one_brand": lambda w: tagged(w, tag=w.their_tag),
    "tickets_ticketlink_one_id_of_one_brand": lambda w: linked(w, one=w.their_ticket),
    "tickets_ticketlink_other_id_of_one_brand": lambda w: linked(w, other=w.their_ticket),
    "tickets_ticket_follows_id_of_one_brand": lambda w: change(w.second_ticket, follows=w.their_ticket),
    "tickets_ticket_merged_into_id_of_one_brand": lambda w: merged(w, w.their_ticket),
    "tickets_ticket_merged_into_id_of_one_customer": lambda w: merged(w, w.ticket),
    "tickets_queue_team_id_of_one_brand": lambda w: change(w.second_queue, team=w.their_team),
}
