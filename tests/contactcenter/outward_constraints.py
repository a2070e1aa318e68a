"""What can never be true of what goes out by itself and comes back: the cases of test_constraints for it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace as World
from typing import Any

from agents.models import Agent, Brand
from contactcenter import clock
from tests import make
from tests.contactcenter.behind import change
from tickets.models import AcknowledgementText, Consult, ConsultWord, Survey, SurveyRule, Ticket

NOW = clock.now()


def rows_for_outward(ticket: Ticket, agent: Agent, brand: Brand) -> dict[str, Any]:
    """What the world of test_constraints needs besides."""
    consult = make.make_outward(ticket, by=agent)
    return {
        "consult": consult,
        "word": consult.words.get(kind="question"),
        "survey": Survey.objects.get(ticket=ticket),
        "survey_rule": SurveyRule.objects.get(brand=brand),
        "acknowledgement": AcknowledgementText.objects.get(brand=brand),
    }


CASES: dict[str, Callable[[World], Any]] = {
    "tickets_acknowledgementtext_once_a_language": lambda w: AcknowledgementText.objects.create(
        brand=w.brand, language="en", text="Hello"
    ),
    "tickets_acknowledgementtext_language_is_code": lambda w: change(w.acknowledgement, language="English"),
    "tickets_surveyrule_share_of_a_hundred": lambda w: change(w.survey_rule, share_percent=101),
    "tickets_surveyrule_asks_while_known": lambda w: change(w.survey_rule, hours_after=721),
    "tickets_surveyrule_step_is_code": lambda w: change(w.survey_rule, on_bad="Call them"),
    "tickets_survey_waiting_has_due": lambda w: change(w.survey, due_at=NOW),
    "tickets_survey_answered_has_score": lambda w: change(w.survey, score=None),
    "tickets_survey_score_of_five": lambda w: change(w.survey, score=6),
    "tickets_consult_ended_or_asked": lambda w: change(w.consult, ended_at=None),
    "tickets_consult_gives_time": lambda w: change(w.consult, expires_at=w.consult.asked_at),
    "tickets_consult_asks_somebody": lambda w: change(w.consult, question=""),
    "tickets_consultword_ours_has_author": lambda w: change(w.word, author=None),
    "tickets_consultword_only_ours_is_sent": lambda w: ConsultWord.objects.create(
        consult=w.consult, kind="answer", text="x", key="x", state="sent"
    ),
}
JOINS: dict[str, Callable[[World], Any]] = {
    "tickets_consult_ticket_id_of_one_brand": lambda w: Consult.objects.filter(pk=w.consult.pk).update(
        ticket=w.their_ticket
    ),
    "tickets_survey_ticket_id_of_one_brand": lambda w: change(w.survey, ticket=w.their_ticket),
    "tickets_survey_queue_id_of_one_brand": lambda w: change(w.survey, queue=w.their_queue),
}
