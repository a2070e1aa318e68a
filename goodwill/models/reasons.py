"""Why points are given, and what the customer reads about it."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CharField, F, Func, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Length, Lower
from django.utils.translation import gettext_lazy as _

from agents.models import Brand, OfBrandQuerySet

LANGUAGE = r"^[a-z]{2,3}(-[a-z]{2,6})?$"


class ReasonQuerySet(OfBrandQuerySet):
    def said_in(self, language: Any) -> ReasonQuerySet:
        """Each with `said`: its sentence in the nearest language, its own where none is near."""
        return self.annotate(said=Coalesce(ReasonSentence.objects.of("pk", language), "sentence"))


class Reason(models.Model):
    """Why points are given. `sentence` is what the customer reads, with {points} and {worth}.

    `severity` says how grave the failure is, from 1 (light) to 4 (grave); the points that are suggested follow it.
    """

    class Kind(models.TextChoices):
        APOLOGY = "apology", _("apology")
        DELIGHT = "delight", _("delight")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="goodwill_reasons")
    code = models.SlugField(max_length=40)
    label = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.APOLOGY)
    severity = models.PositiveSmallIntegerField(
        default=2,
        help_text=_("1 light, 2 the everyday mishap, 3 serious, 4 grave: the suggestion follows it."),
    )
    min_points = models.PositiveIntegerField(default=50)
    default_points = models.PositiveIntegerField(default=200)
    max_points = models.PositiveIntegerField(default=1000)
    months = models.PositiveSmallIntegerField(
        null=True, blank=True,
        help_text=_("The points live for so many months; empty: as the programme says for goodwill."),
    )  # fmt: skip
    counts_for_tiers = models.BooleanField(default=False, help_text=_("The points help to reach a tier."))
    needs_order = models.BooleanField(default=False, help_text=_("The order it is about has to be named."))
    excludes = ArrayField(
        models.SlugField(max_length=40), default=list, blank=True,
        help_text=_("Codes of reasons: where one of them was given on a ticket, this one is not, nor the other way."),
    )  # fmt: skip
    not_for_tiers = ArrayField(
        models.SlugField(max_length=20), default=list, blank=True,
        help_text=_("Codes of tiers whose members are not given this: they have it anyway."),
    )  # fmt: skip
    sentence = models.CharField(
        max_length=300,
        help_text=_("What the customer reads, with {points} and {worth}; other languages stand below."),
    )
    is_active = models.BooleanField(default=True)
    rank = models.PositiveSmallIntegerField(default=0, help_text=_("Order on the desk."))

    objects = ReasonQuerySet.as_manager()
    said: str  # what `said_in` found

    class Meta:
        ordering = ["rank", "label"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "code"], name="goodwill_reason_code_once_a_brand"),
            models.CheckConstraint(
                condition=Q(min_points__gt=0)
                & Q(min_points__lte=F("default_points"))
                & Q(default_points__lte=F("max_points")),
                name="goodwill_reason_points_in_order",
                violation_error_message=_(
                    "The least, the usual and the most points stand in this order, above 0."
                ),
            ),
            models.CheckConstraint(
                condition=Q(severity__range=(1, 4)), name="goodwill_reason_severity_known",
                violation_error_message=_("The severity is 1 to 4."),
            ),
            models.CheckConstraint(
                condition=Q(months=None) | Q(months__gte=1), name="goodwill_reason_points_live",
                violation_error_message=_("Points live for a month at least."),
            ),
            # Lets other tables point at (id, brand), so that no row can ever join two brands.
            models.UniqueConstraint(fields=["id", "brand"], name="goodwill_reason_of_its_brand"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.label


class ReasonSentenceQuerySet(OfBrandQuerySet):
    def of(self, reason: str, language: Any) -> Subquery:
        """The sentence of the outer row's reason in `language` (an expression), else in that without its region."""
        tag = Lower(language)
        base = Func(tag, Value("-"), Value(1), function="split_part", output_field=CharField())
        near = self.filter(Q(language=tag) | Q(language=base), reason=OuterRef(reason))
        return Subquery(near.order_by(Length("language").desc()).values("sentence")[:1])


class ReasonSentence(models.Model):
    """What customers of one language read about points that are given for a reason."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False, editable=False)
    reason = models.ForeignKey(Reason, models.PROTECT, related_name="sentences")
    language = models.CharField(max_length=10, help_text=_("Of the customers who read it: en, de, pt-br."))
    sentence = models.CharField(max_length=300, help_text=_("With {points} and {worth}."))

    objects = ReasonSentenceQuerySet.as_manager()

    class Meta:
        ordering = ["language"]
        constraints = [
            models.UniqueConstraint(
                fields=["reason", "language"], name="goodwill_reasonsentence_once_a_language",
                violation_error_message=_("This reason has a sentence in that language."),
            ),
            models.CheckConstraint(
                condition=Q(language__regex=LANGUAGE), name="goodwill_reasonsentence_language_is_code",
                violation_error_message=_("Write a language as en, de or pt-br."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.language


def filled_in(sentence: str, points: int, worth: str) -> str:
    """What the customer reads about `points`; `worth` is their value as money."""
    return sentence.replace("{points}", str(points)).replace("{worth}", worth)
