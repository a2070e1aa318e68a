"""What a correction or removal of a customer's address means for mail that waits to be sent to it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from contactcenter.errors import Refused
from customers.models import ContactPoint
from tickets.models import Message


def follow_address(point: ContactPoint, successor: ContactPoint | None) -> None:
    """Replies that wait to be sent to `point` go to its `successor`; where there is none it is refused (`mail_waits`).

    So is what a worker is sending at this moment (`mail_leaves`): it may fail and be tried again. The caller
    has locked `point`; locks of tickets are not taken, those of the messages keep the workers' hands off.
    """
    rows = Message.objects.filter(recipient=point, state__in=[Message.State.QUEUED, Message.State.SENDING])
    waiting = list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))
    if any(message.state == Message.State.SENDING for message in waiting):
        raise Refused(
            "mail_leaves", _("A reply is being sent to %s right now. Try again in a minute.") % point.value
        )
    if waiting and successor is None:
        raise Refused(
            "mail_waits", _("A reply to %s is on its way. Try again when it is sent.") % point.value
        )
    Message.objects.filter(pk__in=[message.pk for message in waiting]).update(recipient=successor)
