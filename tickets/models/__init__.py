"""What customers asked: queues, tickets, everything said in them, and the audit of every deed."""

from tickets.models.calendars import Calendar, HoursVersion, Opening, SpecialDay
from tickets.models.links import TicketLink
from tickets.models.mail import InboundMail
from tickets.models.messages import Attachment, Message, by_digest
from tickets.models.proofs import TicketProof
from tickets.models.queues import Queue, TicketNumber
from tickets.models.sla import Clock, ClockFact, SlaPolicy
from tickets.models.tags import Tag, TicketTag
from tickets.models.tickets import Channel, Ticket, TicketEvent, TicketQuerySet, recipient_among
from tickets.models.views import SavedView
from tickets.models.words import TicketWords

__all__ = [
    "Attachment",
    "Calendar",
    "Channel",
    "Clock",
    "ClockFact",
    "HoursVersion",
    "InboundMail",
    "Message",
    "Opening",
    "Queue",
    "SavedView",
    "SlaPolicy",
    "SpecialDay",
    "Tag",
    "Ticket",
    "TicketEvent",
    "TicketLink",
    "TicketNumber",
    "TicketProof",
    "TicketQuerySet",
    "TicketTag",
    "TicketWords",
    "by_digest",
    "recipient_among",
]
