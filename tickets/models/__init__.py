"""What customers asked: queues, tickets, everything said in them, and the audit of every deed."""

from tickets.models.mail import InboundMail
from tickets.models.messages import Attachment, Message, by_digest
from tickets.models.queues import Queue, TicketNumber
from tickets.models.tickets import Channel, Ticket, TicketEvent, TicketQuerySet
from tickets.models.words import TicketWords

__all__ = [
    "Attachment",
    "Channel",
    "InboundMail",
    "Message",
    "Queue",
    "Ticket",
    "TicketEvent",
    "TicketNumber",
    "TicketQuerySet",
    "TicketWords",
    "by_digest",
]
