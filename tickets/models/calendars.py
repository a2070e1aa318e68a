"""When somebody is there: the calendars of a brand as supervisors set them up, and every version that was in force."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Brand, OfBrandQuerySet
from contactcenter import clock
from contactcenter.guards import append_only


class HoursVersion(models.Model):
    """The opening hours of a calendar as they were published once; clocks keep the version they count by."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+")
    rules = models.JSONField(
        help_text=_("zone; week: hours by weekday, Monday 0; country, subdivision; days: hours by date.")
    )
    made_at = models.DateTimeField(default=clock.now)

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        triggers = append_only()
        # Lets other tables point at (id, brand), so that no row can ever join two brands.
        constraints = [
            models.UniqueConstraint(fields=["id", "brand"], name="tickets_hoursversion_of_its_brand")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Calendar(models.Model):
    """Opening hours of a brand: openings by weekday, the holidays of a country, and days with hours of their own."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="calendars")
    name = models.CharField(max_length=80)
    time_zone = models.CharField(max_length=40, default="UTC")
    country = models.CharField(
        max_length=2,
        blank=True,
        help_text=_("Closed on the public holidays of this country (DE); empty for none."),
    )
    subdivision = models.CharField(
        max_length=6,
        blank=True,
        help_text=_("Its state or region (BE), where holidays differ within the country."),
    )
    hours = models.ForeignKey(
        HoursVersion, models.PROTECT, null=True, editable=False, related_name="+",
        help_text=_("What counts now; empty before the first publication."),
    )  # fmt: skip

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "name"],
                name="tickets_calendar_name_once_a_brand",
                violation_error_message=_("This brand has a calendar of that name."),
            ),
            models.UniqueConstraint(fields=["id", "brand"], name="tickets_calendar_of_its_brand"),
        ]

    def __str__(self) -> str:
        return self.name


class OfCalendarQuerySet(models.QuerySet["models.Model"]):
    def visible_to(self, agent: object) -> OfCalendarQuerySet:
        return self.filter(calendar__in=Calendar.objects.visible_to(agent))  # type: ignore[arg-type]


class Opening(models.Model):
    """Hours that come back every week; up to or before their beginning they end on the next day."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="openings")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    opens = models.TimeField()
    closes = models.TimeField(help_text=_("00:00 to 00:00 is the whole day."))

    objects = OfCalendarQuerySet.as_manager()

    class Meta:
        ordering = ["weekday", "opens"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "weekday", "opens"], name="tickets_opening_once"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="tickets_opening_weekday_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"


class SpecialDay(models.Model):
    """A day with hours of its own, whatever weekday or holiday it is: closed, shortened or open; several rows a day."""

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="special_days")
    day = models.DateField()
    label = models.CharField(max_length=80, blank=True)
    opens = models.TimeField(null=True, blank=True, help_text=_("Both times empty: closed all day."))
    closes = models.TimeField(null=True, blank=True)

    objects = OfCalendarQuerySet.as_manager()

    class Meta:
        ordering = ["day", "opens"]
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "day", "opens"], nulls_distinct=False, name="tickets_specialday_once"
            ),
            models.CheckConstraint(
                condition=Q(opens__isnull=True, closes__isnull=True)
                | Q(opens__isnull=False, closes__isnull=False),
                name="tickets_specialday_both_or_neither",
                violation_error_message=_("Give both times, or none for a day that is closed."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}"
