"""Writing notices, and sending them: each is claimed, sent, and its outcome recorded, in three steps."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from contactcenter import clock, keys
from contactcenter.errors import Refused
from contactcenter.live import nudge
from customers.letters import KINDS, letter
from customers.models import Consent, ContactPoint, Customer, Notice

log = logging.getLogger(__name__)
BACK_OFF = timedelta(seconds=30)  # doubled at every failed try
State = Notice.State


@transaction.atomic
def write_notice(
    point: ContactPoint,
    template: str,
    *,
    key: str,
    context: dict[str, Any] | None = None,
    at: datetime | None = None,
    due_at: datetime | None = None,
    until: datetime | None = None,
) -> Notice:
    """Write a letter to `point` that a worker sends soon, or from `due_at` on; what has not left by `until` is dropped.

    The same `key` again gives the notice that is there. Refused: `not_reachable` for anything but a mail
    address in use, `key_conflict` for another letter under the key.
    """
    at = at or clock.now()
    if point.kind != ContactPoint.Kind.MAIL or point.removed_at is not None:
        raise Refused("not_reachable", _("Letters go to e-mail addresses in use; %s is none.") % point)
    keys.claim(Notice, key)
    if earlier := Notice.objects.filter(key=key).first():
        if (earlier.contact_point_id, earlier.template) != (point.pk, template):
            raise keys.conflict()
        return earlier
    notice = Notice.objects.create(
        brand_id=point.brand_id,
        customer_id=point.customer_id,
        contact_point=point,
        template=template,
        context=context or {},
        key=key,
        due_at=due_at or at,
        until=until,
        written_at=at,
    )
    nudge("customers.tasks.send_notices")
    return notice


@transaction.atomic
def take_back_notice(key: str, *, why: str) -> bool:
    """Let the letter of this key not leave any more; False where it is on its way, or has arrived.

    One that was dropped, failed or was never written is no letter anybody reads: True.
    """
    notice = Notice.objects.select_for_update().filter(key=key).first()
    if notice is None or notice.state in (State.DROPPED, State.FAILED):
        return True
    if notice.state != State.QUEUED or notice.attempts:  # a try that failed may have arrived all the same
        return False
    notice.state, notice.due_at, notice.last_error = State.DROPPED, None, why
    notice.save(update_fields=["state", "due_at", "last_error"])
    return True


@transaction.atomic
def write_notices(notices: Sequence[Notice]) -> int:
    """Write many letters at once, each to a mail address in use; gives how many are new. A known key is passed over."""
    known = set(
        Notice.objects.filter(key__one_of=[notice.key for notice in notices]).values_list("key", flat=True)
    )
    fresh = [notice for notice in notices if notice.key not in known]
    Notice.objects.bulk_create(
        fresh, ignore_conflicts=True
    )  # where another writes the same now, one is written
    if fresh:
        nudge("customers.tasks.send_notices")
    return len(fresh)


def has_not_refused(customer: Customer, purpose: str) -> bool:
    """Whether the customer has not withdrawn the consent for `purpose`; the newest line counts, none is no no."""
    lines = Consent.objects.filter(customer=customer.pk, purpose=purpose).order_by("-recorded_at", "-id")
    return lines.values_list("given", flat=True).first() is not False


def send_next_notice(*, at: datetime | None = None) -> bool:
    """Send the next notice that is due at `at` (default: now), or drop it; False when none is left.

    A worker that dies between claim and outcome leaves it claimed; after the lease it is sent again under the
    same Message-ID, by which mail programs know the copy.
    """
    at = at or clock.now()
    notice = _claim(at)
    if notice is None:
        return False
    if notice.state == State.DROPPED:
        return True
    if notice.attempts > settings.MAIL_MAX_ATTEMPTS:
        _failed(notice, TimeoutError("no try came to an end"), at)
        return True
    try:
        letter(notice).send()
    except Exception as error:
        log.warning("notice %s was not sent: %s", notice.pk, error)
        _failed(notice, error, at)
    else:
        own_try = _own_try(notice)
        own_try.update(state=State.SENT, sent_at=at, due_at=None, last_error="")
    return True


@transaction.atomic
def _claim(at: datetime) -> Notice | None:
    lease_until = at - timedelta(seconds=settings.MAIL_SEND_LEASE_SECONDS)
    waiting = Notice.objects.to_send(at, lease_until).order_by("due_at", "id")
    notice = waiting.select_for_update(skip_locked=True, of=("self",)).first()
    if notice is None:
        return None
    # Read after the lock: an address taken away, or a consent withdrawn, meanwhile counts.
    notice.contact_point = ContactPoint.ever.get(pk=notice.contact_point_id)
    notice.customer = Customer.objects.select_related("brand").get(pk=notice.customer_id)
    if why := _why_not(notice, at):
        notice.state, notice.due_at, notice.last_error = State.DROPPED, None, why
        notice.save(update_fields=["state", "due_at", "last_error"])
        return notice
    notice.state, notice.due_at = State.SENDING, at
    notice.attempts += 1
    notice.save(update_fields=["state", "due_at", "attempts"])
    return notice


def _why_not(notice: Notice, at: datetime) -> str:
    """Why this letter is not sent any more, in words for the supervisors' page; nothing when it is."""
    if notice.contact_point.removed_at is not None:
        return "the address was taken away"
    if notice.until and notice.until <= at:
        return "its time was over"
    purpose = KINDS[notice.template].purpose
    if purpose and not has_not_refused(notice.customer, purpose):
        return f"no consent: {purpose}"
    return ""


def _own_try(notice: Notice) -> Any:
    """The notice, if nobody has claimed it since: who slept past the lease changes nothing any more."""
    return Notice.objects.filter(pk=notice.pk, state=State.SENDING, attempts=notice.attempts)


def _failed(notice: Notice, error: Exception, at: datetime) -> None:
    given_up = notice.attempts >= settings.MAIL_MAX_ATTEMPTS
    _own_try(notice).update(
        state=State.FAILED if given_up else State.QUEUED,
        due_at=None if given_up else at + BACK_OFF * 2 ** (notice.attempts - 1),
        last_error=f"{type(error).__name__}: {error}"[:500],
    )
