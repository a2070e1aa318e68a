"""The rules of some programmes with all their versions and campaigns, read once for however many orders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from loyalty.earning import Boost, Terms
from loyalty.models import Campaign, EarningRule, RuleVersion


@dataclass(frozen=True)
class Run:
    """A campaign as it was set to live."""

    boost: Boost
    starts_at: datetime
    ends_at: datetime
    tiers: frozenset[str]

    def is_for(self, tier: str, at: datetime) -> bool:
        return self.starts_at <= at < self.ends_at and (not self.tiers or tier in self.tiers)


@dataclass
class Rule:
    """A rule: its versions (from when, terms), the newest first, and its campaigns."""

    code: str
    versions: list[tuple[datetime, Terms]] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)

    def at(self, at: datetime) -> Terms | None:
        """The version that counts at `at`: the highest number that is valid by then."""
        return next((terms for valid_from, terms in self.versions if valid_from <= at), None)

    def boosts(self, tier: str, at: datetime) -> list[Boost]:
        return [run.boost for run in self.runs if run.is_for(tier, at)]

    @property
    def looks_at_account(self) -> bool:
        return any(terms.looks_at_account for _at, terms in self.versions) or any(
            run.tiers for run in self.runs
        )

    @property
    def looks_at_lines(self) -> bool:
        return any(terms.looks_at_lines for _at, terms in self.versions)


class Rulebook:
    """What the programmes (ids) give for one event."""

    def __init__(self, rules: dict[int, list[Rule]]) -> None:
        self.rules = rules

    @classmethod
    def of(cls, programmes: Iterable[int], event: str = EarningRule.Event.ORDER) -> Rulebook:
        """Read the live versions and campaigns of these programmes: two queries."""
        named: dict[int, tuple[int, Rule]] = {}
        versions = RuleVersion.objects.live().filter(rule__programme__in=set(programmes), rule__event=event)
        for version in versions.select_related("rule").order_by("rule__code", "-number"):
            _programme, rule = named.setdefault(
                version.rule_id, (version.rule.programme_id, Rule(version.rule.code))
            )
            rule.versions.append((version.valid_from, terms_of(version)))
        if named:
            for campaign in Campaign.objects.live().filter(rule__in=list(named)).order_by("code"):
                named[campaign.rule_id][1].runs.append(run_of(campaign))
        rules: dict[int, list[Rule]] = {}
        for programme, rule in named.values():
            rules.setdefault(programme, []).append(rule)
        return cls(rules)

    def of_programme(self, programme: int) -> list[Rule]:
        """The rules of one programme, by their codes."""
        return self.rules.get(programme, [])

    def terms(self, programme: int, rule: str, version: int) -> Terms:
        """One version that is or was live; versions are never deleted, so it is there."""
        (one,) = (one for one in self.of_programme(programme) if one.code == rule)
        return next(terms for _at, terms in one.versions if terms.version == version)

    @property
    def looks_at_account(self) -> bool:
        """Whether what an order earns depends on what came before it."""
        return any(rule.looks_at_account for rules in self.rules.values() for rule in rules)

    @property
    def looks_at_lines(self) -> bool:
        return any(rule.looks_at_lines for rules in self.rules.values() for rule in rules)


def terms_of(version: RuleVersion) -> Terms:
    """A version, live or draft, in the plain values that `loyalty.earning` counts with."""
    return Terms(
        rule=version.rule.code,
        version=version.number,
        points_per_unit=version.points_per_unit,
        bonus=version.bonus,
        minimum_minor=version.minimum_minor,
        skus=frozenset(version.skus),
        categories=frozenset(version.categories),
        excluded_skus=frozenset(version.excluded_skus),
        excluded_categories=frozenset(version.excluded_categories),
        channels=frozenset(version.channels),
        tier_percents=dict(version.tier_percents),
        rounding=version.rounding,
        counts=version.counts,
        cap_per_day=version.cap_per_day,
        cap_per_customer=version.cap_per_customer,
    )


def run_of(campaign: Campaign) -> Run:
    boost = Boost(campaign.code, campaign.percent, campaign.bonus)
    return Run(boost, campaign.starts_at, campaign.ends_at, frozenset(campaign.tiers))
