"""What becomes of a call: heard from its dialler or asked for, in any order and any number of times."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from callbacks.dialling import DIALLERS, DiallerDown, Stage, Standing, Why, rest
from callbacks.models import Attempt
from callbacks.services.dialling import LEASE
from contactcenter import clock
from contactcenter.sweeping import each

AT_ONCE = 200
SECONDS = 20  # a run takes no longer, however slowly diallers answer
AGAIN = timedelta(seconds=10)  # a dialler that does not answer is left alone for so long
LONGEST = timedelta(hours=4)  # nobody talks longer: then we have missed the end
LOST = "lost"  # `why` of a call its dialler does not know any more
PROPOSED: Mapping[str, str] = {Why.BUSY: Attempt.Outcome.BUSY, Why.NO_ANSWER: Attempt.Outcome.NO_ANSWER}


def hear(attempt: Attempt, heard: Standing, *, at: datetime | None = None) -> Attempt:
    """Keep what a dialler says of a call at `at`. What is known already, or comes too late, changes nothing.

    What came of the call stays for the agent to say: `proposed_outcome` proposes.
    """
    with transaction.atomic():
        row = Attempt.objects.select_for_update(of=("self",)).get(pk=attempt.pk)
        return _hear(row, heard, at or clock.now())


@transaction.atomic
def hear_event(pk: int, event: Mapping[str, str], *, at: datetime | None = None) -> bool:
    """Keep a status event of the REST service; False where we have no such call. The caller has seen its signature.

    Of a call that we gave up for lost, the next sweep decides. Raises DiallerDown for what means nothing to us.
    """
    at, heard = at or clock.now(), rest.heard(event)
    calls = Attempt.objects.select_for_update(of=("self",)).filter(pk=pk, dialler=Attempt.Dialler.REST)
    row = calls.first()
    name = event.get("ParentCallSid") or event.get("CallSid") or ""
    if row is None or not rest.is_name(name):
        return False
    if row.ref != name or (row.fell_back and row.hung_up_at is None):
        row.ref, row.ask_at = name, at if row.fell_back else row.ask_at
        row.save(update_fields=["ref", "ask_at"])
    if heard and not row.fell_back:
        _hear(row, heard, at)
    return True


def proposed_outcome(attempt: Attempt) -> str:
    """What the dialler thinks came of a call, for the agent to agree with; "" where it cannot say."""
    return PROPOSED.get(attempt.why, "")


def ask_diallers(*, at: datetime | None = None) -> int:
    """Ask for the calls whose time to be asked for has come by `at`, at most 200, for 20 s at most; how many.

    Each is claimed before it is asked for: two workers never ask for one call at once.
    """
    at, ends, asked = at or clock.now(), time.monotonic() + SECONDS, 0
    while asked < AT_ONCE and time.monotonic() < ends and (attempt := _claim(at)):
        asked += 1
        each(_ask, [(attempt.pk, attempt, at)])
    return asked


@transaction.atomic
def _claim(at: datetime) -> Attempt | None:
    due = Attempt.objects.filter(ask_at__lte=at).order_by("ask_at")
    attempt = due.select_for_update(skip_locked=True, of=("self",)).first()
    if attempt is not None:
        attempt.ask_at = at + LEASE
        attempt.save(update_fields=["ask_at"])
    return attempt


def _ask(pk: int, attempt: Attempt, at: datetime) -> int:
    """Ask the dialler, outside of any transaction, then keep what it says."""
    dialler = DIALLERS[attempt.dialler]
    try:
        heard = None if attempt.at + LONGEST <= at else dialler.standing(attempt.ref)
        if heard and attempt.fell_back and heard.stage == Stage.PLACED:
            dialler.hang_up(attempt.ref)  # it was placed all the same, and nobody wants it any more
            return 1
    except DiallerDown:
        mine = Q(pk=pk) | Q(dialler=attempt.dialler, ask_at__lte=at)
        Attempt.objects.filter(mine, ask_at__isnull=False).update(ask_at=at + AGAIN)
        return 0
    return _keep(attempt, heard, at)


@transaction.atomic
def _keep(asked: Attempt, heard: Standing | None, at: datetime) -> int:
    row = Attempt.objects.select_for_update(of=("self",)).get(pk=asked.pk)
    if row.ref != asked.ref or row.hung_up_at:
        return 0  # it was placed, or heard of, while we asked
    if heard is None:
        _lose(row)
    elif not row.fell_back:
        _hear(row, heard, at)
    elif heard.why == Why.AGENT:
        row.ask_at = None
        row.save(update_fields=["ask_at"])
    else:
        row.fell_back = ""  # the agent has picked up: so this is the call
        row.save(update_fields=["fell_back"])
        _hear(row, heard, at)
    return 1


def _lose(row: Attempt) -> None:
    """The dialler does not know the call: it was never placed, or its end was missed. It is not placed again."""
    row.ask_at = None
    if row.ringing_at or row.answered_at or row.outcome:
        row.why = row.why or LOST
    elif not row.fell_back:
        row.fell_back = _("The telephone system knows nothing of this call. Please dial yourself.")
    row.save(update_fields=["ask_at", "why", "fell_back"])


def _hear(row: Attempt, heard: Standing, at: datetime) -> Attempt:
    """Keep it on a locked row."""
    if row.hung_up_at is None:
        every = DIALLERS[row.dialler].EVERY
        row.ask_at = at + every if every else None
        if heard.stage == Stage.RINGING and row.answered_at is None:
            row.ringing_at = row.ringing_at or at
        elif heard.stage == Stage.ANSWERED:
            row.answered_at = row.answered_at or at
        elif heard.stage == Stage.ENDED:
            _end(row, heard, at)
        row.save(update_fields=["ringing_at", "answered_at", "hung_up_at", "why", "fell_back", "ask_at"])
    return row


def _end(row: Attempt, heard: Standing, at: datetime) -> None:
    row.hung_up_at, row.why, row.ask_at = max(at, row.answered_at or at), heard.why, None
    if heard.why == Why.TALKED and heard.seconds is not None:
        # The dialler's own count is exact, ours as late as we heard of it.
        row.answered_at = max(row.at, row.hung_up_at - timedelta(seconds=heard.seconds))
    if heard.why == Why.AGENT and not row.outcome:
        row.fell_back = _("Your own line was not picked up. Call again, or dial yourself.")
