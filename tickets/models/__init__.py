"""What customers asked: queues, tickets, everything said in them, and the audit of every deed."""

from tickets.models.acknowledging import AcknowledgementText
from tickets.models.calendars import Calendar, HoursVersion, Opening, SpecialDay
from tickets.models.consults import Consult, ConsultWord
from tickets.models.feedback import Survey, SurveyRule
from tickets.models.links import TicketLink
from tickets.models.macros import Macro
from tickets.models.mail import InboundMail
from tickets.models.messages import Attachment, Message, by_digest
from tickets.models.proofs import TicketProof
from tickets.models.queues import Queue, TicketNumber
from tickets.models.rules import Occasion, Rule, RuleRun, RuleVersion, Trigger
from tickets.models.sla import Clock, ClockFact, SlaPolicy
from tickets.models.tags import Tag, TicketTag
from tickets.models.tickets import Channel, Ticket, TicketEvent, TicketQuerySet
from tickets.models.views import SavedView
from tickets.models.words import TicketWords

__all__ = [
    "AcknowledgementText",
    "Attachment",
    "Calendar",
    "Channel",
    "Clock",
    "ClockFact",
    "Consult",
    "ConsultWord",
    "HoursVersion",
    "InboundMail",
    "Macro",
    "Message",
    "Occasion",
    "Opening",
    "Queue",
    "Rule",
    "RuleRun",
    "RuleVersion",
    "SavedView",
    "SlaPolicy",
    "SpecialDay",
    "Survey",
    "SurveyRule",
    "Tag",
    "Ticket",
    "TicketEvent",
    "TicketLink",
    "TicketNumber",
    "TicketProof",
    "TicketQuerySet",
    "TicketTag",
    "TicketWords",
    "Trigger",
    "by_digest",
]
