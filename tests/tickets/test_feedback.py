from __future__ import annotations

import re
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core import mail
from django.core.cache import caches
from django.db import connection
from django.test import Client

from agents.models import Agent, Brand, Notification
from callbacks.models import Callback
from contactcenter import clock
from contactcenter.errors import Refused
from customers.tasks import send_notices
from tests import make
from tickets.channels.email.receive import receive
from tickets.models import Survey, SurveyRule, Ticket
from tickets.services import answer_survey, ask_some, close, merge, reopen, reply, resolve
from tickets.services.planning import is_chosen
from tickets.tasks import ask_for_feedback

DAY = timedelta(days=1)


@pytest.fixture
def rule(brand: Brand) -> SurveyRule:
    return SurveyRule.objects.create(brand=brand)


@pytest.fixture
def solved(rule: SurveyRule, ticket: Ticket, agent: Agent) -> Ticket:
    return resolve(ticket, by=agent)


def later(days: float = 1) -> datetime:
    return clock.now() + timedelta(days=days, minutes=1)


def asked_about(ticket: Ticket) -> Survey:
    """The question about a solved ticket, asked a day after."""
    ask_some(at=later())
    return Survey.objects.get(ticket=ticket)


def link_in_letter(score: int) -> str:
    """The path behind a face of the letter that left."""
    send_notices(at=later())
    links = re.findall(r"https?://[^/\s]+(/\S+)", str(mail.outbox[-1].body))
    return next(link for link in links if link.endswith(f"score={score}"))


def test_a_customer_is_asked_some_hours_after_the_end_by_a_mail_with_a_link_for_each_face(
    solved: Ticket,
) -> None:
    assert ask_for_feedback(at=later(0.9)) == 0
    survey = asked_about(solved)
    assert (survey.state, survey.agent, survey.queue) == ("asked", solved.assignee, solved.queue)
    assert link_in_letter(5).startswith("/asked/")
    letter = mail.outbox[-1]
    assert letter.to == [solved.customer.contact_points.get(kind="mail").value]
    assert solved.reference in letter.body
    assert [event.kind for event in solved.events.all()][-1] == "surveyed"
    assert ask_some(at=later()) == 0


def test_whoever_answers_the_letter_by_mail_is_heard_in_the_ticket(solved: Ticket) -> None:
    asked_about(solved)
    send_notices(at=later())
    named = mail.outbox[-1].extra_headers["Message-ID"]
    raw = f"From: {mail.outbox[-1].to[0]}\r\nTo: help@ff.example\r\nIn-Reply-To: {named}\r\n\r\nIt is broken again."
    receipt = receive(raw.encode())
    assert (receipt.stored.outcome, receipt.ticket) == ("appended", solved)


def test_a_brand_without_a_rule_and_a_share_of_none_ask_nobody(ticket: Ticket, agent: Agent) -> None:
    resolve(ticket, by=agent)
    assert not Survey.objects.exists()
    SurveyRule.objects.create(brand=ticket.brand, share_percent=0)
    reopen(ticket, by=agent)
    resolve(ticket, by=agent)
    assert not Survey.objects.exists()
    drawn = [is_chosen(Ticket(pk=number), 30) for number in range(2000)]
    assert 500 < sum(drawn) < 700


@pytest.mark.parametrize("meanwhile", ["reopened", "merged", "asked_lately", "no_address", "switched_off"])
def test_nobody_is_asked_who_came_back_was_asked_lately_or_cannot_be_reached(
    meanwhile: str, solved: Ticket, agent: Agent
) -> None:
    if meanwhile == "reopened":
        make.hear(solved)
    if meanwhile == "merged":
        merge(solved, make.make_ticket(customer=solved.customer, queue=solved.queue), by=agent)
    if meanwhile == "asked_lately":
        other = make.make_ticket(customer=solved.customer, queue=solved.queue)
        resolve(other, by=agent)
        Survey.objects.filter(ticket=other).update(
            state="asked", due_at=None, asked_at=clock.now() - 10 * DAY
        )
    if meanwhile == "no_address":
        solved.customer.contact_points.filter(kind="mail").update(removed_at=clock.now())
    if meanwhile == "switched_off":
        SurveyRule.objects.update(share_percent=0)
    survey = asked_about(solved)
    assert (survey.state, survey.why_not) == ("dropped", meanwhile)
    send_notices(at=later())
    assert mail.outbox == []


def test_a_ticket_solved_again_before_anybody_was_asked_is_asked_about_then(
    solved: Ticket, agent: Agent
) -> None:
    make.hear(solved)
    assert asked_about(solved).state == "dropped"
    reply(solved, "Again", by=agent, key="r", resolve=True)
    assert asked_about(solved).state == "asked"


def test_programs_that_follow_links_answer_nothing_and_one_post_counts(
    solved: Ticket, client: Client
) -> None:
    survey = asked_about(solved)
    path = link_in_letter(4)
    for _ in range(3):
        page = client.get(path)
    assert page.status_code == 200
    assert re.search(r'value="4" required checked', page.text)
    assert "survey.js" in page.text
    survey.refresh_from_db()
    assert survey.state == "asked"
    done = client.post(path, {"score": "4"})
    assert "Thank you" in done.text
    client.post(path, {"score": "4", "comment": "Quick!"})
    survey.refresh_from_db()
    assert (survey.state, survey.score, survey.comment) == ("answered", 4, "Quick!")
    assert "survey.js" not in client.get(path).text
    assert [event.data["after"] for event in solved.events.filter(kind="rated")] == [4, 4]


def test_the_page_needs_no_session_sets_no_cookie_and_is_found_by_no_search(
    solved: Ticket, client: Client
) -> None:
    asked_about(solved)
    strict = Client(enforce_csrf_checks=True)
    path = link_in_letter(5)
    for response in (strict.get(path), strict.post(path, {"score": "5"})):
        assert response.status_code == 200
        assert not response.cookies
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "no-referrer"
        assert "script-src 'self'" in response["Content-Security-Policy"]


def test_the_page_speaks_the_customers_language(solved: Ticket, client: Client) -> None:
    type(solved.customer).objects.update(language="de-AT")
    asked_about(solved)
    assert "Sehr gut: http" in (link_in_letter(5) and str(mail.outbox[-1].body))
    page = client.get(link_in_letter(5))
    assert '<html lang="de">' in page.text
    assert "Antwort senden" in page.text


def test_a_link_that_is_none_of_ours_changed_or_over_opens_nothing(solved: Ticket, client: Client) -> None:
    asked_about(solved)
    path = link_in_letter(5).partition("?")[0]
    assert client.get("/asked/1.1.9999999999~made-up/").status_code == 404
    assert client.get(path.replace("/asked/", "/asked/1")).status_code == 404
    assert client.get(path.replace("/asked/", "/consulted/")).status_code == 404
    with clock.standing_at(later(60)):
        assert client.get(path).status_code == 404


def test_knocking_too_often_is_refused(solved: Ticket, client: Client, settings: Any) -> None:
    settings.LINK_RATE = "3/min"
    caches["throttle"].clear()
    answers = [client.get("/asked/guess/").status_code for _ in range(5)]
    assert answers == [404, 404, 404, 429, 429]


def test_an_answer_may_be_changed_for_seven_days_and_is_shown_as_closed_then(
    solved: Ticket, client: Client
) -> None:
    survey = asked_about(solved)
    path = link_in_letter(2)
    answer_survey(survey, 2, at=later())
    answer_survey(survey, 4, at=later(7))
    with clock.standing_at(later(9)):
        assert "closed" in client.get(path).text
        assert "closed" in client.post(path, {"score": "1"}).text
    with pytest.raises(Refused, match="closed"):
        answer_survey(survey, 1, at=later(9))
    assert Survey.objects.get().score == 4


def test_a_bad_answer_opens_the_ticket_again_and_wants_an_answer(rule: SurveyRule, solved: Ticket) -> None:
    SurveyRule.objects.update(on_bad="reopen")
    answer_survey(asked_about(solved), 1, comment="Still broken", at=later())
    solved.refresh_from_db()
    assert solved.status == "open"
    assert solved.due_at is not None
    event = solved.events.get(kind="reopened")
    assert (event.actor, event.by) == ("rule", None)
    assert Notification.objects.get().agent == solved.assignee


def test_of_a_bad_answer_to_a_closed_ticket_and_by_rule_the_supervisors_are_told_once(
    rule: SurveyRule, solved: Ticket, supervisor: Agent
) -> None:
    SurveyRule.objects.update(on_bad="reopen")
    survey = asked_about(solved)
    close(solved)
    answer_survey(survey, 2, at=later())
    answer_survey(survey, 5, at=later())
    answer_survey(survey, 1, at=later())
    assert [told.agent for told in Notification.objects.filter(kind="bad_answer")] == [supervisor]


def test_a_bad_answer_may_bring_a_callback(rule: SurveyRule, solved: Ticket) -> None:
    SurveyRule.objects.update(on_bad="callback")
    answer_survey(asked_about(solved), 2, at=later())
    task = Callback.objects.get()
    assert (task.ticket, task.owner, task.kind, task.source) == (solved, solved.assignee, "task", "feedback")
    answer_survey(Survey.objects.get(), 1, at=later())
    assert Callback.objects.count() == 1


def test_good_answers_and_the_same_again_bring_nothing(rule: SurveyRule, solved: Ticket) -> None:
    SurveyRule.objects.update(on_bad="reopen")
    survey = asked_about(solved)
    for _ in range(2):
        answer_survey(survey, 5, at=later())
    solved.refresh_from_db()
    assert (solved.status, solved.events.filter(kind="rated").count()) == ("resolved", 1)
    with pytest.raises(Refused, match="five"):
        answer_survey(survey, 6, at=later())


def test_the_supervisors_list_tells_the_share_of_good_answers_among_what_is_filtered(
    solved: Ticket, supervisor: Agent, client: Client
) -> None:
    answer_survey(asked_about(solved), 5, at=later())
    client.force_login(supervisor)
    assert "100 % good" in client.get("/admin/tickets/survey/").text
    assert "100 % good" not in client.get("/admin/tickets/survey/?how=bad").text


@pytest.mark.race
def test_of_two_tickets_of_one_customer_one_is_asked_about_however_many_sweep(
    brand: Brand, queue: Any
) -> None:
    SurveyRule.objects.create(brand=brand)
    customer, agent = make.make_customer(brand=brand), make.make_agent(brands=[brand])
    for _ in range(4):
        resolve(make.make_ticket(customer=customer, queue=queue), by=agent)
    start = Barrier(4)

    def sweep() -> None:
        start.wait()
        ask_some(at=later())
        connection.close()

    threads = [Thread(target=sweep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ask_some(at=later())
    assert sorted(Survey.objects.values_list("state", flat=True)) == [
        "asked",
        "dropped",
        "dropped",
        "dropped",
    ]
