"""What the left pane shows: the tickets that wait, in the order in which they should be worked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypedDict

from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.models import Agent, Brand, initials_of
from callbacks.models import Callback
from contactcenter import clock
from contactcenter.paging import Page, count_in_order, count_up_to, page_by_turn
from desk.due import Due, due
from desk.looking import opened
from tickets.models import Draft, Queue, SavedView, Ticket
from tickets.search.lists import counted, listed

PAGE = 24
DUE_SHOWN = 10
NOW = timedelta(hours=1)
VIEWS = ("mine", "all", "unassigned")


COLUMNS = (
    "pk", "number", "brand_id", "queue_id", "subject", "due_at", "due_kind", "due_since", "turn_at",
    "last_words", "last_was_inbound", "last_message_at",
)  # fmt: skip
# What a row shows, read as figures and words: a page of rows would otherwise be two hundred model instances.
SHOWN = {
    "customer_name": F("customer__name"),
    "tier": F("customer__account__tier__code"),
    "tier_name": F("customer__account__tier__name"),
    "assignee_name": F("assignee__name"),
}


class Row(TypedDict):
    """One line of the queue, ready to be printed: the template works nothing out for it, and looks words up fastest."""

    pk: str
    reference: str
    address: str
    customer: str
    tier: str | None
    tier_name: str | None
    due: str
    due_at: str
    due_words: str
    due_title: str
    due_left: str
    subject: str
    last_words: str
    is_ours: bool
    assignee: str | None
    initials: str
    unread: bool
    begun: bool


@dataclass
class Group:
    title: str
    rows: list[Row] = field(default_factory=list)


@dataclass
class QueuePane:
    """Everything the left pane needs; built with a number of queries that does not depend on the tickets."""

    view: str
    saved: SavedView | None
    queue: Queue | None
    queues: list[Queue]
    groups: list[Group]
    cursor: str
    counts: dict[str, int]
    next_callback: Callback | None

    @property
    def is_empty(self) -> bool:
        return not self.groups

    @property
    def asked(self) -> str:
        """What the address of this view asks for: ?view=all&queue=3."""
        return address_of(self.view, self.queue)

    @property
    def tabs(self) -> list[tuple[str, str, int]]:
        """The views by name, with how many tickets are in each (1,000 at most)."""
        names = {"mine": _("Mine"), "all": _("All"), "unassigned": _("Unassigned")}
        if self.saved:
            names[self.view] = self.saved.name
        return [(view, name, self.counts[view]) for view, name in names.items()]


def address_of(view: str, queue: Queue | None) -> str:
    """What the address of a view ends with."""
    return f"?view={view}&queue={queue.pk}" if queue else f"?view={view}"


@dataclass(frozen=True)
class Asked:
    """What an address asks the list for, as `agent` may see it: the `view` by its name, the `saved` one it is and the
    `queue` it is narrowed to (None: none), all `queues`; `rows` the tickets of every view in working order, and `apart`
    what parts each of them so that an index holds each part."""

    view: str
    saved: SavedView | None
    queue: Queue | None
    queues: list[Queue]
    rows: dict[str, Any]
    apart: dict[str, list[Q]]


def asked_for(agent: Agent, *, view: str, queue_id: str = "") -> Asked:
    """The list for one `view` (mine, all, unassigned, v12 for a saved one), narrowed to a queue when `queue_id` names
    one."""
    saved = _saved(agent, view)
    view = view if saved or view in VIEWS else "mine"
    queues = list(Queue.objects.visible_to(agent).select_related("brand").order_by("brand__name", "name"))
    queue = next((q for q in queues if str(q.pk) == queue_id), None)
    # The brands as figures, not as a question within the question: so the planner walks an index in order.
    brands = {queue.brand_id} if queue else {queue.brand_id for queue in queues}
    narrowed: dict[str, Any] = {"queue": queue} if queue else {}
    tickets: Any = Ticket.objects.filter(brand__in=brands, **narrowed).unsolved().awake().in_working_order()
    rows = {
        "mine": tickets.filter(assignee=agent),
        "all": tickets,
        "unassigned": tickets.filter(assignee=None),
    }
    by_brand = [Q(brand=pk) for pk in sorted(brands)]
    apart: dict[str, list[Q]] = {"mine": [], "all": by_brand, "unassigned": by_brand}
    if saved:
        rows[view], apart[view] = listed(saved, agent).filter(**narrowed).in_working_order(), []
    return Asked(view, saved, queue, queues, rows, apart)


def queue_pane(agent: Agent, *, view: str, queue_id: str = "", cursor: str = "") -> QueuePane:
    """The pane for one `view`, as for `asked_for`, from the place that `cursor` names."""
    asked = asked_for(agent, view=view, queue_id=queue_id)
    counts = {name: count_in_order(asked.rows[name], asked.apart[name]) for name in VIEWS}
    if asked.saved:
        narrowed = {"queue": asked.queue} if asked.queue else {}
        counts[asked.view] = count_up_to(counted(asked.saved, agent).filter(**narrowed))
    page = _page(asked.rows[asked.view], cursor, apart=asked.apart[asked.view], reader=agent)
    mine = Callback.objects.visible_to(agent).filter(owner=agent, state=Callback.State.PROMISED)
    upcoming = mine.select_related("customer__account__tier").order_by("window_from")
    return QueuePane(
        view=asked.view,
        saved=asked.saved,
        queue=asked.queue,
        queues=asked.queues,
        groups=_grouped(page.rows, asked.queues, opened(agent, [row.pk for row in page.rows])),
        cursor=page.cursor,
        counts=_counted(agent, counts),
        next_callback=upcoming.first() if not page.rows else None,
    )


def _saved(agent: Agent, view: str) -> SavedView | None:
    """The saved view that v12 names, when the agent may see it."""
    if not (view[:1] == "v" and view[1:].isascii() and view[1:].isdecimal() and len(view) < 12):
        return None
    views = SavedView.objects.visible_to(agent).select_related("brand")
    found: SavedView | None = views.filter(pk=int(view[1:])).first()
    return found


def due_now(agent: Agent) -> list[Callback]:
    """The promises this agent has to keep now, ten at most: every page tells of them."""
    rows = Callback.objects.visible_to(agent).on_the_desk_of(agent)
    shown = rows.select_related("customer").only(
        "kind", "state", "reason", "customer__name", "offered_to", "offer_until"
    )
    return sorted(shown[:DUE_SHOWN], key=lambda row: row.offered_to_id is None)  # an offer does not wait


def _counted(agent: Agent, counts: dict[str, Any]) -> dict[str, int]:
    """How many tickets each view has, 1,000 at most: columns of one row, so that it is one question."""
    return Agent.objects.filter(pk=agent.pk).values(**counts).get()


def _page(tickets: Any, cursor: str, *, apart: Sequence[Q], reader: Agent) -> Page:
    begun = Exists(Draft.objects.written().filter(agent=reader, ticket=OuterRef("pk")))
    shown = SHOWN | {"begun": begun}
    rows = tickets.annotate(**shown).values_list(*COLUMNS, *shown, named=True)
    return page_by_turn(rows, cursor=cursor, size=PAGE, apart=apart)


def _grouped(tickets: Sequence[Any], queues: list[Queue], seen: dict[int, float]) -> list[Group]:
    """The rows under their headings; a heading without rows is left out. `seen` says when each was open last."""
    now = clock.now()
    today = timezone.localdate(now)
    groups = [
        Group(_("Now")),
        Group(_("Later today")),
        Group(_("Later")),
        Group(_("Waiting")),
    ]
    by_id = {queue.pk: queue for queue in queues}
    for ticket in tickets:
        queue = by_id[ticket.queue_id]
        chip = due(ticket.due_at, now=now, since=ticket.due_since, kind=ticket.due_kind)
        groups[_group_of(ticket.turn_at, now, today)].rows.append(
            _row(ticket, queue.brand, chip, seen[ticket.pk])
        )
    return [group for group in groups if group.rows]


def _row(ticket: Any, brand: Brand, chip: Due, seen: float) -> Row:
    reference = f"{brand.code}-{ticket.number}"
    return Row(
        pk=str(ticket.pk),
        reference=reference,
        address=reverse("desk:ticket", args=[reference]),
        customer=ticket.customer_name or _("Unknown"),
        tier=ticket.tier,
        tier_name=ticket.tier_name,
        due=chip.state,
        due_at=chip.iso,
        due_words=chip.words,
        due_title=chip.title,
        due_left=str(chip.left),
        subject=ticket.subject or _("No subject"),
        last_words=ticket.last_words,
        is_ours=not ticket.last_was_inbound,
        assignee=ticket.assignee_name,
        initials=initials_of(ticket.assignee_name or ""),
        unread=ticket.last_was_inbound and ticket.last_message_at.timestamp() > seen,
        begun=ticket.begun,
    )


def _group_of(turn: datetime | None, now: datetime, today: date) -> int:
    """Which heading a turn stands under: the order within the headings is the order of the list."""
    if turn is None:
        return 3
    if turn <= now + NOW:
        return 0
    return 1 if timezone.localdate(turn) <= today else 2
