"""Who may do what, for whom: the one question every deed of a person asks first."""

from __future__ import annotations

from django.utils.translation import gettext as _

from agents.models import Agent
from contactcenter.errors import Refused


def expect_role(by: Agent, permission: str) -> None:
    """Refuse (`not_allowed`) a deed of `by` without the `permission`, before it is known what it is about."""
    if not by.has_perm(permission):
        raise Refused("not_allowed", _("Your role does not allow this."))


def expect_right(by: Agent, permission: str, brand_id: int) -> None:
    """Refuse (`not_allowed`) a deed of `by` without the `permission`, or for a brand that `by` does not serve."""
    expect_role(by, permission)
    if not (by.is_superuser or by.serves(brand_id)):
        raise Refused("not_allowed", _("You do not serve this brand."))
