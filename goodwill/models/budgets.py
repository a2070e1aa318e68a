"""How much there is to give, in a time."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Brand, OfBrandQuerySet, Team
from goodwill.models.reasons import Reason
from tickets.models import Tag, Ticket


class BudgetQuerySet(OfBrandQuerySet):
    def running(self, at: datetime) -> BudgetQuerySet:
        """Those whose time it is."""
        return self.filter(starts_at__lte=at, ends_at__gt=at)


class Budget(models.Model):
    """Points to give within [starts_at, ends_at): on an incident, in a campaign, by a team, or by the whole brand.

    A campaign is what belongs to one thing for a while, whoever works on it (a recall, a wrong price, Christmas): its
    tickets bear its tag, which a rule, a macro or an agent has put on them. An incident is one ticket to which others
    are linked.

    `spent` is what was given, `reserved` what waits for an answer; a hard one holds both together to `points`, and the
    database sees to it. A soft one may be exceeded; what is left of it is shown. `kind` keeps delight apart from
    apologies.
    """

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="goodwill_budgets")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Reason.Kind, default=Reason.Kind.APOLOGY)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    incident = models.ForeignKey(
        Ticket, models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("The ticket to which those of the affected customers are linked."),
    )  # fmt: skip
    campaign = models.ForeignKey(
        Tag, models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("The tag that tickets of the campaign bear: it pays for these before a team or the brand does."),
    )  # fmt: skip
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    points = models.PositiveBigIntegerField()
    is_hard = models.BooleanField(default=True, help_text=_("Nothing is given above it."))
    pays_pledges = models.BooleanField(
        default=False, help_text=_("Of pledges only: nobody else gives from it.")
    )
    spent = models.PositiveBigIntegerField(default=0, editable=False)
    reserved = models.PositiveBigIntegerField(default=0, editable=False)

    objects = BudgetQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="goodwill_budget_ends_after_it_starts",
                violation_error_message=_("A budget ends after it starts."),
            ),
            models.CheckConstraint(
                condition=Q(is_hard=False) | Q(points__gte=F("spent") + F("reserved")),
                name="goodwill_budget_is_kept",
                violation_error_message=_("More than that was given or is asked for already."),
            ),
            models.CheckConstraint(
                condition=Q(team=None, incident=None) | Q(team=None, campaign=None) | Q(incident=None, campaign=None),
                name="goodwill_budget_is_of_one",
                violation_error_message=_("A budget is for a team, a campaign or an incident, for one of them."),
            ),
            models.CheckConstraint(
                condition=Q(pays_pledges=False)
                | Q(is_hard=True, team=None, incident=None, campaign=None, kind="apology"),
                name="goodwill_budget_of_pledges_is_hard",
                violation_error_message=_("A budget of pledges is hard, for apologies, and of nobody’s besides."),
            ),
            models.UniqueConstraint(fields=["brand", "name", "starts_at"], name="goodwill_budget_name_once"),
            # Lets other tables point at (id, brand), so that no row can ever join two brands.
            models.UniqueConstraint(fields=["id", "brand"], name="goodwill_budget_of_its_brand"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def title(self) -> str:
        """Its name, and the incident, the campaign or the team it is of."""
        of = self.incident or self.campaign or self.team
        return f"{self.name} ({of})" if of else self.name

    @property
    def left(self) -> int:
        """What can still be given or asked for; below 0 where a soft one is used up."""
        return self.points - self.spent - self.reserved
