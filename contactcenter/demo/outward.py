"""What goes out in the demo besides answers: questions how it was, one to an expert, a colleague named in a note."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Q

import tickets.services
from agents.models import Agent
from contactcenter import clock
from contactcenter.demo.story import Story
from customers.models import Notice
from tickets.models import AcknowledgementText, Survey, SurveyRule, Ticket
from tickets.services.planning import plan_survey

ASKED = 24  # tickets that customers are asked about
ANSWERED_AFTER = timedelta(hours=3)
# What every customer who answers says, in turns; None: nothing.
ANSWERS: list[tuple[int | None, str]] = [
    (5, "So quick, thank you!"), (4, ""), (None, ""), (5, ""), (2, "I had to ask three times."), (4, ""), (None, ""),
    (5, "Ana was lovely."), (3, ""), (4, "All solved."),
]  # fmt: skip
WORDS = """Hello {name},

thank you for writing to {brand}. Your message has the number {reference}.

We answer by {due}.
"""


def tell(story: Story) -> None:
    """Tell it after all else: the questions are about tickets that have ended by then."""
    for brand in story.brands.values():
        SurveyRule.objects.create(brand=brand, on_bad="tell")
    AcknowledgementText.objects.create(brand=story.brands["FF"], language="en", text=WORDS)
    solved = Ticket.objects.filter(resolved_at__lt=story.now - timedelta(hours=30)).order_by(
        "-resolved_at", "pk"
    )
    newest = list(solved.select_related("brand", "queue", "assignee")[:ASKED])
    for turn, ticket in enumerate(newest[::-1]):
        _ask(ticket, *ANSWERS[turn % len(ANSWERS)])
    # They are told of as sent: nobody of the demo's people gets mail of days long gone.
    calls = Q(template__startswith="callback_", state=Notice.State.QUEUED, due_at__lte=story.now)
    letters = Notice.objects.filter(Q(template="survey") | calls)
    letters.update(state=Notice.State.SENT, due_at=None, sent_at=F("written_at"))
    _consult(story.now)


def _ask(ticket: Ticket, score: int | None, comment: str) -> None:
    solved = ticket.resolved_at
    if solved is None:
        return
    plan_survey(ticket, solved)
    at = solved + timedelta(hours=24)
    with clock.standing_at(at):
        tickets.services.ask_some(at=at)
    survey = Survey.objects.select_related("ticket").get(ticket=ticket)
    if score and survey.asked_at:
        tickets.services.answer_survey(survey, score, comment=comment, at=at + ANSWERED_AFTER)


def _consult(now: datetime) -> None:
    """Ana asked the carrier about her newest ticket that waits, and was answered; Ruth named her in a note."""
    ana = Agent.objects.get(email="ana@fjordandfinch.example")
    ruth = Agent.objects.get(email="ruth@fjordandfinch.example")
    ticket = Ticket.objects.unsolved().filter(assignee=ana, status="open").order_by("opened_at", "pk").first()
    if ticket is None:
        return
    consult = tickets.services.ask_expert(
        ticket, "Does a parcel that came back to you go out again by itself, or do we have to book it anew?",
        address="jonas@nordfracht.example", name="Jonas Nordfracht", by=ana, key="demo", at=now - timedelta(hours=2),
    )  # fmt: skip
    consult.words.update(state="sent", due_at=None, sent_at=now - timedelta(hours=2))
    tickets.services.hear_expert(
        consult, "You have to book it anew, the old number is closed. Before 16:00 it leaves today.",
        key="demo:answer", at=now - timedelta(minutes=50),
    )  # fmt: skip
    tickets.services.note(
        ticket, "@ana if Jonas says yes, give the shipping back as well.", by=ruth, key="demo:note",
        at=now - timedelta(minutes=40),
    )  # fmt: skip
