"""Deeds on the rules by which points are earned: a version is drafted, then set to live, then never changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Refused
from loyalty.models import Campaign, EarningRule, Programme, RuleVersion

SET_RULES = "loyalty.change_earningrule"
EVER = datetime(1970, 1, 1, tzinfo=UTC)  # the first rate of a programme holds for all orders there ever were
FIRST_CODE = "orders"


@transaction.atomic
def first_rule(programme: Programme, points_per_unit: int = 5, *, by: Agent | None = None) -> EarningRule:
    """The rule a programme begins with: so many points for every whole unit of currency, all of which qualify.

    It holds for orders of any time. A programme that has it is answered with it.
    """
    rule, made = EarningRule.objects.get_or_create(
        programme=programme,
        code=FIRST_CODE,
        defaults={"name": _("Points of orders"), "event": EarningRule.Event.ORDER},
    )
    if made:
        RuleVersion.objects.create(
            rule=rule,
            number=1,
            valid_from=EVER,
            live_at=clock.now(),
            live_by=by,
            points_per_unit=points_per_unit,
            counts=RuleVersion.Counts.ALL,
        )
    return rule


@transaction.atomic
def draft_version(rule: EarningRule, *, by: Agent | None = None, **terms: Any) -> RuleVersion:
    """The next version of `rule`, as a draft that gives nothing yet: the last one's terms, changed by `terms`.

    Refused: `not_allowed`, `draft_there` while an earlier draft waits.
    """
    _expect_right(rule, by)
    rule = EarningRule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
    last = rule.versions.order_by("-number").first()
    if last and last.live_at is None:
        raise Refused("draft_there", _("Version %d is still a draft; change that one.") % last.number)
    number = last.number + 1 if last else 1
    given = {name: getattr(last, name) for name in TERMS} if last else {}
    return RuleVersion.objects.create(rule=rule, number=number, **(given | terms))


@transaction.atomic
def go_live(
    version: RuleVersion,
    *,
    by: Agent | None = None,
    valid_from: datetime | None = None,
    at: datetime | None = None,
) -> RuleVersion:
    """Let a draft count from `valid_from` (default: now) on; it can never be changed again. Twice does nothing.

    Refused: `not_allowed`, `in_the_past` where it would change what was promised for orders of before.
    """
    _expect_right(version.rule, by)
    at = at or clock.now()
    valid_from = valid_from or at
    EarningRule.objects.select_for_update(of=("self",)).get(pk=version.rule_id)
    version = RuleVersion.objects.select_related("rule").get(pk=version.pk)
    if version.live_at is not None:
        return version
    if valid_from < at:
        raise Refused("in_the_past", _("A version can begin now or later, not before."))
    version.valid_from, version.live_at, version.live_by = valid_from, at, by
    version.save(update_fields=["valid_from", "live_at", "live_by"])
    return version


@transaction.atomic
def start_campaign(campaign: Campaign, *, by: Agent | None = None, at: datetime | None = None) -> Campaign:
    """Let a drafted campaign count in its window; from then on only its end can be moved. Twice does nothing.

    Refused: `not_allowed`, `in_the_past` where it began before.
    """
    _expect_right(campaign.rule, by)
    at = at or clock.now()
    campaign = Campaign.objects.select_for_update(of=("self",)).select_related("rule").get(pk=campaign.pk)
    if campaign.live_at is not None:
        return campaign
    if campaign.starts_at < at:
        raise Refused("in_the_past", _("A campaign can begin now or later, not before."))
    campaign.live_at, campaign.live_by = at, by
    campaign.save(update_fields=["live_at", "live_by"])
    return campaign


@transaction.atomic
def stop_campaign(campaign: Campaign, *, by: Agent | None = None, at: datetime | None = None) -> Campaign:
    """End a campaign at `at` (default: now); one that is over stays as it is. Refused: `not_allowed`, `not_begun`."""
    _expect_right(campaign.rule, by)
    at = at or clock.now()
    campaign = Campaign.objects.select_for_update(of=("self",)).select_related("rule").get(pk=campaign.pk)
    if campaign.live_at is None or campaign.starts_at >= at:
        raise Refused("not_begun", _("This campaign has not begun."))
    if campaign.ends_at > at:
        campaign.ends_at = at
        campaign.save(update_fields=["ends_at"])
    return campaign


TERMS = [
    "points_per_unit", "bonus", "minimum_minor", "skus", "categories", "excluded_skus", "excluded_categories",
    "channels", "tier_percents", "rounding", "counts", "cap_per_day", "cap_per_customer",
]  # fmt: skip


def _expect_right(rule: EarningRule, by: Agent | None) -> None:
    if by is not None:
        expect_right(by, SET_RULES, rule.programme.brand_id)
