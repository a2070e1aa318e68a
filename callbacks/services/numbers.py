"""A promised call follows the number it goes to."""

from __future__ import annotations

from django.utils.translation import gettext as _

from callbacks.models import Callback
from contactcenter.errors import Refused
from customers.models import ContactPoint


def follow_number(point: ContactPoint, successor: ContactPoint | None) -> None:
    """Open promises of a call to `point` go to its `successor`; where there is none it is refused (`promised`)."""
    promised = Callback.objects.open().filter(contact_point=point)
    if successor is not None:
        promised.update(contact_point=successor)
    elif promised.exists():
        raise Refused(
            "promised", _("A promised call goes to %s. Move or cancel the call first.") % point.value
        )
