"""What customers asked: queues, tickets, everything said in them, and the audit of every deed."""

from tickets.models.acknowledging import AcknowledgementText
from tickets.models.asking import TicketQuerySet
from tickets.models.calendars import Calendar, HoursVersion, Opening, SpecialDay
from tickets.models.channels import Channel, recipient_among
from tickets.models.checks import TicketCheck, WrapUp
from tickets.models.consults import Consult, ConsultWord
from tickets.models.drafts import Draft
from tickets.models.events import TicketEvent
from tickets.models.feedback import Survey, SurveyRule
from tickets.models.fields import FieldChoice, FieldQueue, FieldValue, TicketField
from tickets.models.links import TicketLink
from tickets.models.macros import Macro
from tickets.models.mail import InboundMail
from tickets.models.messages import Attachment, Message, by_digest
from tickets.models.proofs import TicketProof
from tickets.models.queues import Queue, TicketNumber
from tickets.models.reasons import ChecklistItem, ContactReason
from tickets.models.routing import Capacity, RoutingDecision, RoutingPolicy
from tickets.models.rules import Occasion, Rule, RuleRun, RuleVersion, Trigger
from tickets.models.shop import ShopTask, ShopTaskLine
from tickets.models.sla import Clock, ClockFact, SlaPolicy
from tickets.models.tags import Tag, TicketTag
from tickets.models.tickets import Ticket
from tickets.models.views import SavedView
from tickets.models.whole import whole_of
from tickets.models.words import TicketWords

__all__ = [
    "AcknowledgementText",
    "Attachment",
    "Calendar",
    "Capacity",
    "Channel",
    "ChecklistItem",
    "Clock",
    "ClockFact",
    "Consult",
    "ConsultWord",
    "ContactReason",
    "Draft",
    "FieldChoice",
    "FieldQueue",
    "FieldValue",
    "HoursVersion",
    "InboundMail",
    "Macro",
    "Message",
    "Occasion",
    "Opening",
    "Queue",
    "RoutingDecision",
    "RoutingPolicy",
    "Rule",
    "RuleRun",
    "RuleVersion",
    "SavedView",
    "ShopTask",
    "ShopTaskLine",
    "SlaPolicy",
    "SpecialDay",
    "Survey",
    "SurveyRule",
    "Tag",
    "Ticket",
    "TicketCheck",
    "TicketEvent",
    "TicketField",
    "TicketLink",
    "TicketNumber",
    "TicketProof",
    "TicketQuerySet",
    "TicketTag",
    "TicketWords",
    "Trigger",
    "WrapUp",
    "by_digest",
    "recipient_among",
    "whole_of",
]
