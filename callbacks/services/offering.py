"""Who calls: a due call is offered to its owner, then to whoever of the team fits best, until somebody accepts it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from agents.models import Agent, Brand
from agents.presence.models import Kind, Presence
from agents.telling import notify
from callbacks.models import Callback, CallbackEvent, CallbackPolicy
from callbacks.services.steps import Event, State, expect_keeper, lock, record, standing
from contactcenter import clock
from contactcenter.errors import Refused
from contactcenter.guards import broken
from contactcenter.sweeping import each
from tickets import routing
from tickets.services.crew import Crew, language_of

ONE_OFFER = "callbacks_callback_one_offer_an_agent"
LOOKED_AT = 200  # due calls of a brand at a time, those of the highest tier first
PASSED = [Event.DECLINED, Event.LAPSED]
ASKED_AGAIN = timedelta(minutes=10)  # who declined a call, or did not answer, is asked again so much later
NO_LIMIT = 1_000_000  # a promise is kept whatever else somebody has: their load orders, it does not exclude


def offer_some(*, at: datetime | None = None) -> int:
    """Offer due calls to agents who are available and free, one to each; how many were offered.

    Any number may do so at once: each is offered in a transaction of its own, which looks again at call and agent.
    """
    at = at or clock.now()
    due = Callback.objects.filter(brand=OuterRef("pk"), state=State.DUE, kind="call")
    brands = Brand.objects.filter(Exists(due)).order_by("pk")
    return each(_offer_of, [(brand.pk, at) for brand in brands])


def _offer_of(brand: int, at: datetime) -> int:
    policy = CallbackPolicy.objects.of(brand)
    workers = _free(Crew([]).workers([brand]))
    if not any(worker.is_available for worker in workers):
        return 0
    calls = list(_waiting(brand, policy, [worker.agent for worker in workers if worker.is_available], at))
    passed = _passed([call.pk for call in calls], at)
    offered = 0
    for call in calls:
        agent = _choose(call, workers, passed[call.pk], policy, at)
        # Who could not be offered this one is there for the next: an error stands before one call only.
        if agent is not None and each(_offer, [(call.pk, agent, policy, at)]):
            offered += 1
            workers = [replace(one, is_available=False) if one.agent == agent else one for one in workers]
    return offered


def _waiting(brand: int, policy: CallbackPolicy, free: Collection[int], at: datetime) -> Collection[Callback]:
    """Due calls that one of the `free` agents may be offered: their own, and those that no owner is waited for."""
    said_no = CallbackEvent.objects.filter(callback=OuterRef("pk"), kind__in=PASSED, at__gt=at - ASKED_AGAIN)
    over = Q(due_since__lte=at - timedelta(minutes=policy.owner_minutes))
    rows = Callback.objects.filter(
        Q(owner__in=free) | Q(owner=None) | over | Exists(said_no),
        brand=brand, state=State.DUE, kind="call", window_to__gt=at,
    ).select_related("customer", "ticket__queue__routing")  # fmt: skip
    rows = rows.prefetch_related("ticket__queue__routing__skills")
    return rows.order_by("-priority", "window_to", "id")[:LOOKED_AT]


def _free(workers: list[routing.Worker]) -> list[routing.Worker]:
    """The same agents; who has an offer, has accepted a call or is in one is not available for another."""
    agents = [worker.agent for worker in workers]
    offered = Callback.objects.filter(offered_to__in=agents).values_list("offered_to", flat=True)
    taken = Callback.objects.filter(owner__in=agents, state__in=[State.ACCEPTED, State.IN_CALL])
    busy = {*offered, *taken.values_list("owner", flat=True)}
    return [replace(one, is_available=one.is_available and one.agent not in busy) for one in workers]


def _passed(calls: Collection[int], at: datetime) -> dict[int, set[int]]:
    """By call, who has declined it or let the offer lapse a short while ago."""
    rows = CallbackEvent.objects.filter(callback__in=calls, kind__in=PASSED, at__gt=at - ASKED_AGAIN)
    found: dict[int, set[int]] = defaultdict(set)
    for callback, data in rows.values_list("callback", "data"):
        found[callback].add(data["agent"])
    return found


def _choose(
    call: Callback, workers: list[routing.Worker], passed: set[int], policy: CallbackPolicy, at: datetime
) -> int | None:
    """Who is offered the call: its owner, whom it waits for a while; then who fits best by skill, language and load.

    Nobody who `passed` it on. The longer nobody takes it the less is asked for; when supervisors are told, nothing.
    """
    workers = [one for one in workers if one.agent not in passed]
    owner = next((one for one in workers if one.agent == call.owner_id), None)
    if owner and owner.is_available:
        return owner.agent
    since = call.due_since or at
    waits = timedelta(minutes=policy.owner_minutes if call.owner_id else 0)
    if call.owner_id and call.owner_id not in passed and at < since + waits:
        return None
    asked = routing.Waiting(
        ticket=call.pk, brand=call.brand_id, queue=0, channel="phone", since=since + waits, turn=call.window_to,
        limit=NO_LIMIT, team=team_of(call, policy), skills=_skills_for(call),
        language=language_of(call.customer.language),
        sticky=timedelta(), widen=timedelta(minutes=policy.team_minutes) / (routing.TELL - routing.NO_STICKY),
    )  # fmt: skip
    return routing.choose(asked, [replace(one, load=one.load / NO_LIMIT) for one in workers], at).agent


def team_of(call: Callback, policy: CallbackPolicy) -> int | None:
    """Who calls where the owner cannot: the promise's own team, the brand's, that of the ticket's queue."""
    queue = call.ticket.queue if call.ticket else None
    return call.team_id or policy.team_id or (queue.team_id if queue else None)


def _skills_for(call: Callback) -> frozenset[int]:
    """What the queue of its ticket asks of whoever works in it."""
    routing_of = getattr(call.ticket.queue, "routing", None) if call.ticket else None
    return frozenset(skill.pk for skill in routing_of.skills.all()) if routing_of else frozenset()


@transaction.atomic
def _offer(pk: int, agent: int, policy: CallbackPolicy, at: datetime) -> int:
    """Offer one call as planned, unless call or agent have changed since: then the next round plans anew."""
    due = Callback.objects.filter(pk=pk, state=State.DUE, window_to__gt=at)
    call = (
        due.select_for_update(skip_locked=True, of=("self",)).select_related("ticket__brand", "brand").first()
    )
    if call is None or not Presence.objects.select_for_update(of=("self",)).filter(
        agent=agent, kind=Kind.AVAILABLE
    ):
        return 0
    to = Agent.objects.serving(call.brand).filter(pk=agent).first()
    if to is None or Callback.objects.filter(owner=to, state__in=[State.ACCEPTED, State.IN_CALL]).exists():
        return 0
    before = standing(call)
    call.state, call.offered_to = State.OFFERED, to
    call.offer_until = call.look_at = min(call.window_to, at + timedelta(seconds=policy.offer_seconds))
    try:
        with transaction.atomic():
            call.save(update_fields=["state", "offered_to", "offer_until", "look_at"])
    except IntegrityError as error:
        if broken(error) != ONE_OFFER:
            raise
        return 0  # somebody offered them another call at this moment
    record(call, Event.OFFERED, by=None, at=at, before=before, agent=to.pk)
    notify(
        [to], brand_id=call.brand_id, kind="callback_offered", subject=subject_of(call),
        key=f"callback:{call.pk}:offered:{at.isoformat()}", at=at, callback=call.pk,
    )  # fmt: skip
    return 1


@transaction.atomic
def accept(callback: Callback, *, by: Agent, at: datetime | None = None) -> Callback:
    """Take a due call: the one that was offered, or one of the list. Who takes it owns it from now on.

    Accepted already by the same agent, nothing changes. Refused: `callback_taken` where it is offered to or taken by
    somebody else, `not_due` before its window opens, `callback_over`.
    """
    expect_keeper(by, callback.brand_id)
    at = at or clock.now()
    callback = lock(callback)
    if callback.state in (State.ACCEPTED, State.IN_CALL) and callback.owner_id == by.pk:
        return callback
    _expect_free_for(callback, by)
    before = standing(callback)
    callback.state, callback.owner, callback.look_at = State.ACCEPTED, by, max(callback.window_to, at)
    callback.offered_to = callback.offer_until = None
    callback.save(update_fields=["state", "owner", "look_at", "offered_to", "offer_until"])
    record(callback, Event.ACCEPTED, by=by, at=at, before=before)
    return callback


def _expect_free_for(callback: Callback, by: Agent) -> None:
    if not callback.is_open:
        raise Refused("callback_over", _("This promise is %s already.") % callback.get_state_display())
    if callback.state in Callback.WAITING or not callback.is_call:
        raise Refused("not_due", _("There is nothing to accept yet."))
    has_it = callback.offered_to if callback.state == State.OFFERED else callback.owner
    if has_it and has_it != by and callback.state != State.DUE:
        raise Refused("callback_taken", _("%s has this call now.") % has_it)


@transaction.atomic
def decline(callback: Callback, *, by: Agent, at: datetime | None = None) -> Callback:
    """Say no to an offer, or give an accepted call back: the next agent is asked.

    What `by` does not have is left as it is. Refused: `in_call` once the call has begun.
    """
    expect_keeper(by, callback.brand_id)
    at = at or clock.now()
    callback = lock(callback)
    if callback.state == State.IN_CALL and callback.owner_id == by.pk:
        raise Refused("in_call", _("The call has begun: say what came of it."))
    if callback.offered_to_id == by.pk or (callback.state == State.ACCEPTED and callback.owner_id == by.pk):
        back_to_due(callback, Event.DECLINED, by.pk, by=by, at=at)
    return callback


def back_to_due(callback: Callback, kind: str, agent: int, *, by: Agent | None, at: datetime) -> None:
    """A locked call that `agent` had is free for the next one."""
    before = standing(callback)
    callback.state, callback.offered_to, callback.offer_until = State.DUE, None, None
    callback.look_at = next_look(callback, CallbackPolicy.objects.of(callback.brand_id))
    callback.save(update_fields=["state", "offered_to", "offer_until", "look_at"])
    record(callback, kind, by=by, at=at, before=before, agent=agent)


def next_look(callback: Callback, policy: CallbackPolicy) -> datetime:
    """When the clock looks at a due call that nobody took: to tell the supervisors, else when its window ends."""
    if callback.escalated_at or callback.due_since is None:
        return callback.window_to
    return min(callback.window_to, callback.due_since + told_after(callback, policy))


def told_after(callback: Callback, policy: CallbackPolicy) -> timedelta:
    """So long after a call came due supervisors are told that nobody takes it."""
    return timedelta(minutes=policy.team_minutes + (policy.owner_minutes if callback.owner_id else 0))


def subject_of(callback: Callback) -> str:
    """What an agent is told it is about: the ticket, else the number of the promise."""
    return callback.ticket.reference if callback.ticket else f"#{callback.pk}"
