"""What the wall asks the database: a few questions, each over an index and ended by a bound, however much there is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, F, JSONField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Concat, JSONObject

from agents.models import Agent, Brand
from callbacks.models import Callback
from callbacks.windows import LONGEST
from contactcenter.paging import COUNT_AT_MOST
from goodwill.models import Budget, Finding, Request
from tickets.models import Clock, Queue, Ticket

QUARTER = 900  # seconds, as `ByQuarter` has it: every zone of the world keeps whole quarters of an hour
SOON = timedelta(hours=1)  # a promise that ends within it is at risk
HOURS = 12
DAYS = 7
QUEUES_AT_MOST = 60
AGENTS_AT_MOST = 300
OPENED_AT_MOST = 2_000  # of a brand, the newest: each is asked how its first answer went
COUNTED_AT_MOST = 10_000  # of a brand, where only instants are read
WEEKS_AT_MOST = 20_000  # of a brand in four weeks, the newest: read once a day
ASKED_SHOWN = 5
FINDINGS_SHOWN = 2
BUDGETS_SHOWN = 4
HERE = ("available", "busy", "away")


class Waiting(Subquery):
    """What the tickets of the query are together: how many, since when the longest waits, when the first is due, how
    many are late, will be within the hour, are nobody's."""

    template = (
        "(SELECT jsonb_build_object('count', COUNT(*), 'oldest', MIN(since),"
        " 'due', MIN(due) FILTER (WHERE NOT late),"
        " 'since', (ARRAY_AGG(since ORDER BY due) FILTER (WHERE NOT late))[1],"
        " 'latest', MIN(due) FILTER (WHERE late), 'late', COUNT(*) FILTER (WHERE late),"
        " 'soon', COUNT(*) FILTER (WHERE soon), 'nobodys', COUNT(*) FILTER (WHERE assignee IS NULL))"
        " FROM (%(subquery)s) waiting(due, since, assignee, late, soon))"
    )
    output_field = JSONField()


class ByQuarter(Subquery):
    """How many rows of the query (an instant, a label) fall into each quarter of an hour, as [quarter, label, count]:
    the quarter is the instant's seconds since 1970 over 900."""

    template = (
        "(SELECT COALESCE(jsonb_agg(jsonb_build_array(quarter, label, number)), '[]') FROM (SELECT"
        " FLOOR(EXTRACT(EPOCH FROM instant) / 900)::bigint AS quarter, label, COUNT(*) AS number"
        " FROM (%(subquery)s) counted(instant, label) GROUP BY 1, 2) grouped)"
    )
    output_field = JSONField()


def queues_of(agent: Agent, at: datetime) -> QuerySet[Queue]:
    """The queues of the agent's brands, each with its `figures` at the instant `at`; of 1,000 tickets at most, those
    whose turn comes first."""
    theirs = Ticket.objects.waiting().awake().filter(queue=OuterRef("pk"), turn_at__isnull=False)
    marked = theirs.annotate(
        late=Case(When(due_at__lt=at, then=Value(True)), default=Value(False)),
        soon=Case(When(due_at__gte=at, due_at__lt=at + SOON, then=Value(True)), default=Value(False)),
    ).in_working_order()
    rows = marked.values("due_at", "due_since", "assignee_id", "late", "soon")[:COUNT_AT_MOST]
    queues: Any = Queue.objects.visible_to(agent).select_related("brand")
    return queues.annotate(figures=Waiting(rows)).order_by("brand__name", "name")[:QUEUES_AT_MOST]


def brands_of(
    agent: Agent, at: datetime, *, today: datetime, week: datetime, tomorrow: datetime
) -> QuerySet[Brand]:
    """The agent's brands, each with what was `opened` and `resolved` by the quarter of an hour since `today` began or
    for twelve hours, with the `promises` since `week` and the `calls` that are due, and with the `next` ticket due.

    Without the right to look at callbacks there are none.
    """
    since = min(today, at - timedelta(hours=HOURS))
    mine = {"brand": OuterRef("pk")}
    label = Concat(Cast("queue_id", CharField()), Value(":"), _first_answer(), output_field=CharField())
    opened = Ticket.objects.filter(opened_at__gte=since, **mine).order_by("-opened_at")
    resolved = Ticket.objects.filter(resolved_at__gte=since, **mine).order_by("-resolved_at")
    soonest = Ticket.objects.waiting().awake().filter(due_at__gte=at, **mine).order_by("due_at")
    asked: dict[str, Any] = {
        "opened": ByQuarter(opened.annotate(label=label).values("opened_at", "label")[:OPENED_AT_MOST]),
        "resolved": ByQuarter(
            resolved.annotate(label=Value("")).values("resolved_at", "label")[:COUNTED_AT_MOST]
        ),
        "next": Subquery(soonest.values(found=_shown())[:1]),
    }
    if agent.has_perm("callbacks.view_callback"):
        kept = Callback.objects.filter(window_from__gte=week, window_from__lt=tomorrow, **mine).order_by(
            "-window_from"
        )
        asked["promises"] = ByQuarter(kept.values("window_from", "state")[:COUNTED_AT_MOST])
        asked["calls"] = ByQuarter(_calls(at, mine))
    return Brand.objects.visible_to(agent).annotate(**asked)


def _first_answer() -> Subquery:
    """How the first answer of a ticket went: met, late, or nothing yet."""
    first = Clock.objects.filter(ticket=OuterRef("pk"), kind=Clock.Kind.FIRST).values(
        how=Case(
            When(breached_at__isnull=False, then=Value("late")),
            When(was_met=True, then=Value("met")),
            default=Value(""),
        )
    )
    return Subquery(first)


def weeks_of(agent: Agent, brands: Collection[int], start: datetime, end: datetime) -> QuerySet[Brand]:
    """Of the agent's brands those of `brands`, each with the `weeks` from `start` to `end`: what was opened by the
    quarter of an hour and how it was answered. Of the newest 20,000 tickets."""
    rows = Ticket.objects.filter(opened_at__gte=start, opened_at__lt=end, brand=OuterRef("pk"))
    told = rows.order_by("-opened_at").annotate(label=Coalesce(_first_answer(), Value("")))
    weeks = ByQuarter(told.values("opened_at", "label")[:WEEKS_AT_MOST])
    return Brand.objects.visible_to(agent).filter(pk__in=brands).annotate(weeks=weeks)


def same_hour_of(agent: Agent, hours: Sequence[datetime]) -> QuerySet[Brand]:
    """The agent's brands, each with when its first ticket `begun`, and as `week0`, `week1` … what was opened in the
    hour from each of `hours` on, by queue."""
    mine = Ticket.objects.filter(brand=OuterRef("pk"))
    asked: dict[str, Any] = {}
    for back, hour in enumerate(hours):
        rows = mine.filter(opened_at__gte=hour, opened_at__lt=hour + timedelta(hours=1)).order_by(
            "-opened_at"
        )
        label = Cast("queue_id", CharField())
        asked[f"week{back}"] = ByQuarter(
            rows.annotate(label=label).values("opened_at", "label")[:OPENED_AT_MOST]
        )
    begun = Subquery(mine.order_by("opened_at").values("opened_at")[:1])
    return Brand.objects.visible_to(agent).annotate(begun=begun, **asked)


def findings_of(agent: Agent) -> QuerySet[Finding]:
    """What the radar of goodwill found and nobody has looked into, the newest first; one more than is shown."""
    rows: QuerySet[Finding] = Finding.objects.visible_to(agent).filter(state=Finding.State.OPEN)
    return rows.select_related("agent").order_by("-pk")[: FINDINGS_SHOWN + 1]


def _shown() -> JSONObject:
    return JSONObject(
        number="number", due="due_at", since="due_since", customer="customer__name",
        tier="customer__account__tier__name",
    )  # fmt: skip


def _calls(at: datetime, mine: dict[str, Any]) -> QuerySet[Any, Any]:
    """Promises that are due and in nobody's hands yet, with the queue of their ticket, by the end of the window."""
    states = [Callback.State.DUE, Callback.State.OFFERED]
    rows = Callback.objects.filter(state__in=states, window_to__lt=at + LONGEST, **mine).order_by("window_to")
    label = Cast("ticket__queue_id", CharField())
    return rows.annotate(label=label).values("window_to", "label")[:COUNT_AT_MOST]


def people_of(agent: Agent) -> QuerySet[Agent]:
    """Colleagues whose desk is open, with their state, their `team_ids` and `brand_ids`; 300 at most."""
    teams = Agent.teams.through.objects.filter(agent=OuterRef("pk"))
    brands = Agent.brands.through.objects.filter(agent=OuterRef("pk"))
    here = Agent.objects.visible_to(agent).filter(is_active=True, presence__kind__in=HERE)
    known = here.select_related("presence__reason").annotate(
        team_ids=ArraySubquery(teams.values("team")), brand_ids=ArraySubquery(brands.values("brand"))
    )
    return known.order_by("name", "pk")[:AGENTS_AT_MOST]


def calls_of(agent: Agent) -> QuerySet[Any, Any]:
    """Who of the agent's brands is in a call, and since when: (agent, instant)."""
    rows = Callback.objects.visible_to(agent).filter(state=Callback.State.IN_CALL)
    pairs: QuerySet[Any, Any] = rows.values_list("owner_id", "called_at")[:AGENTS_AT_MOST]
    return pairs


def requests_of(agent: Agent) -> QuerySet[Request]:
    """Goodwill that waits for an answer, what lapses first; one more than is shown."""
    rows: QuerySet[Request] = Request.objects.visible_to(agent).filter(
        Q(state=Request.State.WAITING), lapses_at__isnull=False
    )
    shown = rows.select_related("reason", "by", "ticket__brand", "account__customer", "account__tier")
    return shown.order_by("lapses_at", "pk")[: ASKED_SHOWN + 1]


def budgets_of(agent: Agent, at: datetime) -> QuerySet[Budget]:
    """The budgets of goodwill that run at `at`, the largest first, with what a point of their brand is worth."""
    rows: Any = Budget.objects.visible_to(agent)
    running = rows.running(at).select_related("brand", "team", "incident__brand", "campaign")
    worth = running.annotate(point_value=F("brand__programme__point_value_minor"))
    shown: QuerySet[Budget] = worth.order_by("-points", "pk")[:BUDGETS_SHOWN]
    return shown
