"""How a rule comes into force and out of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent, Brand
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Refused
from tickets import conditions
from tickets.actions import read
from tickets.facts import words_of
from tickets.models import Rule, RuleVersion

SET = "tickets.change_rule"
TERMS = ("event", "conditions", "actions", "stop")


def checked_conditions(written: Any, brand: Brand) -> dict[str, Any]:
    """Conditions in their one form, with the ids of what they name. Refused: `condition_invalid`."""
    try:
        return conditions.checked(written, words_of(brand))
    except conditions.Wrong as wrong:
        raise Refused("condition_invalid", str(wrong)) from wrong


@transaction.atomic
def publish_rule(rule: Rule, *, by: Agent, at: datetime | None = None) -> RuleVersion:
    """Bring into force what the draft of the rule says; `by` answers for it from then on.

    The same once more makes no version. Refused: `not_allowed`, `condition_invalid`, `action_invalid`, `no_action`.
    """
    expect_right(by, SET, rule.brand_id)
    rule = Rule.objects.select_for_update(of=("self",)).select_related("brand", "live").get(pk=rule.pk)
    rule.conditions = checked_conditions(rule.conditions, rule.brand)
    if not read(rule.actions, rule.brand):
        raise Refused("no_action", _("Say what is to be done: give at least one action."))
    terms = {name: getattr(rule, name) for name in TERMS}
    live = rule.live
    if live and (live.made_by_id, *(getattr(live, name) for name in TERMS)) == (by.pk, *terms.values()):
        return live
    last = rule.versions.order_by("-number").values_list("number", flat=True).first() or 0
    rule.live = RuleVersion.objects.create(
        rule=rule, number=last + 1, made_by=by, made_at=at or clock.now(), **terms
    )
    rule.is_active, rule.swept_to = True, 0
    rule.save(update_fields=["live", "conditions", "is_active", "swept_to"])
    return rule.live
