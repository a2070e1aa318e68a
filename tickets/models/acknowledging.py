"""What the automatic first answer says, as supervisors have written it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Brand, OfBrandQuerySet


class AcknowledgementText(models.Model):
    """The words of a brand's automatic first answer in one language; where none stands, the house's own are sent."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    language = models.CharField(max_length=10, help_text=_("Of the customers who read it: en, de, pt-br."))
    text = models.TextField(
        max_length=4000,
        help_text=_(
            "Placeholders: {name} the customer, {reference} the ticket, {due} until when we answer (Monday 10:30), "
            "{brand}. A line whose {due} nobody promised is left out."
        ),
    )

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        ordering = ["language"]
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "language"],
                name="tickets_acknowledgementtext_once_a_language",
                violation_error_message=_("This brand has a text in that language."),
            ),
            models.CheckConstraint(
                condition=Q(language__regex=r"^[a-z]{2,3}(-[a-z]{2,6})?$"),
                name="tickets_acknowledgementtext_language_is_code",
                violation_error_message=_("Write a language as en, de or pt-br."),
            ),
        ]

    def __str__(self) -> str:
        return self.language
