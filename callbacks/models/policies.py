"""How a brand promises and keeps its callbacks, as supervisors set it up."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Brand, OfBrandQuerySet, Team
from callbacks.models.attempts import Attempt
from callbacks.retries import Rule
from tickets.models import Calendar, ContactReason


class CallbackPolicyQuerySet(OfBrandQuerySet):
    def of(self, brand_id: int) -> CallbackPolicy:
        """The policy of a brand; where nobody has set one up, the usual one."""
        return self.filter(brand=brand_id).select_related("calendar", "team").first() or CallbackPolicy(
            brand_id=brand_id
        )


class CallbackPolicy(models.Model):
    """What holds for all callbacks of a brand; a brand without a row goes by the defaults of these fields."""

    class Dialler(models.TextChoices):
        TEL = "tel", _("tel: link on the page")
        SIP = "sip", _("Our SIP server")
        REST = "rest", _("A REST service")

    brand = models.OneToOneField(Brand, models.PROTECT, primary_key=True, related_name="callback_policy")
    calendar = models.ForeignKey(
        Calendar, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        help_text=_("Calls are promised in its hours; empty: at any time customers may be called."),
    )  # fmt: skip
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        help_text=_("Calls where the owner cannot; empty: the team of the ticket's queue."),
    )  # fmt: skip
    per_quarter = models.PositiveSmallIntegerField(
        default=1, help_text=_("So many calls an agent makes in a quarter of an hour.")
    )
    offer_seconds = models.PositiveSmallIntegerField(
        default=60, help_text=_("So long an agent has to accept a call that is offered.")
    )
    owner_minutes = models.PositiveSmallIntegerField(
        default=10,
        help_text=_("So long we wait for an owner who is not there, before somebody else is asked."),
    )
    team_minutes = models.PositiveSmallIntegerField(
        default=10, help_text=_("So long the team is asked, before supervisors are told.")
    )
    remind_minutes = models.PositiveSmallIntegerField(
        default=15, help_text=_("So long before the window opens its owner is told; 0: not at all.")
    )
    reminds_customers = models.BooleanField(
        default=True, help_text=_("Customers read of their call the day before, unless they do not want to.")
    )
    dialler = models.CharField(max_length=10, choices=Dialler, default=Dialler.TEL)
    video_url = models.URLField(
        blank=True,
        help_text=_("Where video calls meet; the word of the promise is added. Empty: none are offered."),
    )
    takes_requests = models.BooleanField(
        default=True, help_text=_("Anybody can ask for a call on the brand's request page.")
    )
    handling_minutes = models.PositiveSmallIntegerField(
        default=6, help_text=_("So long a call takes with all that belongs to it; expected waits go by it.")
    )
    answer_percent = models.PositiveSmallIntegerField(
        default=80, help_text=_("So many of a hundred calls are to begin in time; staffing goes by it.")
    )
    answer_seconds = models.PositiveSmallIntegerField(
        default=20, help_text=_("In time: within so many seconds.")
    )
    saves_points_from = models.PositiveIntegerField(
        default=1000,
        help_text=_("Members about to lose so many points are called, if they allowed it; 0: nobody."),
    )
    saves_tiers = models.BooleanField(
        default=True, help_text=_("Members about to lose a tier are called, if they allowed it.")
    )
    saves_a_day = models.PositiveSmallIntegerField(
        default=20, help_text=_("So many such calls a day at most.")
    )
    saves_days_between = models.PositiveSmallIntegerField(
        default=90, help_text=_("A member gets one such call in so many days at most.")
    )

    objects = CallbackPolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("policy of callbacks")
        verbose_name_plural = _("policies of callbacks")
        constraints = [
            models.CheckConstraint(
                condition=Q(per_quarter__range=(1, 15)),
                name="callbacks_policy_makes_calls",
                violation_error_message=_("Between 1 and 15 calls in a quarter of an hour."),
            ),
            models.CheckConstraint(
                condition=Q(offer_seconds__range=(10, 900)),
                name="callbacks_policy_gives_time",
                violation_error_message=_("Give between 10 and 900 seconds to accept."),
            ),
            models.CheckConstraint(
                condition=Q(answer_percent__range=(1, 99), answer_seconds__gte=1, handling_minutes__gte=1),
                name="callbacks_policy_can_be_staffed",
                violation_error_message=_(
                    "A share between 1 and 99 percent, at least a second and a minute."
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.brand)


class QuietHours(models.Model):
    """The local hours in which customers of a country may be called; an empty country: all others.

    `closed_weekdays` are days on which nobody is called at all, as figures, Monday 0.
    """

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    country = models.CharField(max_length=2, blank=True, help_text=_("ISO 3166 code; empty: all others."))
    opens = models.TimeField(default="08:00", help_text=_("Local time from which customers may be called."))
    closes = models.TimeField(
        default="21:00", help_text=_("Local time from which it is quiet; 00:00 is midnight.")
    )
    closed_weekdays = models.JSONField(
        default=list, blank=True, help_text=_("Days without calls: [6] is Sunday, Monday is 0.")
    )

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        ordering = ["country"]
        verbose_name = _("quiet hours")
        verbose_name_plural = _("quiet hours")
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "country"],
                name="callbacks_quiethours_country_once_a_brand",
                violation_error_message=_("This brand has quiet hours for that country."),
            ),
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens")) | Q(closes="00:00"),
                name="callbacks_quiethours_leave_time",
                violation_error_message=_("It has to be quiet later than it stops being quiet."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country or _('all others')}: {self.opens:%H:%M}–{self.closes:%H:%M}"


class RetryRule(models.Model):
    """What follows a try that did not reach the customer: how soon, how often. Shipped: `callbacks.retries`."""

    class Outcome(models.TextChoices):
        NO_ANSWER = Attempt.Outcome.NO_ANSWER
        BUSY = Attempt.Outcome.BUSY
        VOICEMAIL = Attempt.Outcome.VOICEMAIL
        WRONG_NUMBER = Attempt.Outcome.WRONG_NUMBER

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    outcome = models.CharField(max_length=12, choices=Outcome)
    after_minutes = models.PositiveIntegerField(
        help_text=_("The next try comes up so much later at the earliest.")
    )
    times = models.PositiveSmallIntegerField(help_text=_("So many more tries at most; 0: given up at once."))
    other_hour = models.BooleanField(
        default=True, help_text=_("Never in a local hour of the day in which a try was made already.")
    )

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        ordering = ["outcome"]
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "outcome"],
                name="callbacks_retryrule_outcome_once_a_brand",
                violation_error_message=_("This brand has a rule for that outcome."),
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["no_answer", "busy", "voicemail", "wrong_number"]),
                name="callbacks_retryrule_outcome_known",
            ),
            models.CheckConstraint(
                condition=Q(after_minutes__range=(1, 60 * 24 * 14), times__lte=10),
                name="callbacks_retryrule_comes_to_an_end",
                violation_error_message=_("Between a minute and two weeks later, ten more tries at most."),
            ),
        ]

    def __str__(self) -> str:
        return self.get_outcome_display()

    @property
    def rule(self) -> Rule:
        return Rule(timedelta(minutes=self.after_minutes), self.times, self.other_hour)


class FollowUpQuerySet(OfBrandQuerySet):
    def of(self, brand_id: int) -> list[FollowUp]:
        """The follow-ups of a brand; where nobody has set one up, the shipped ones."""
        rows = list(self.filter(brand=brand_id).select_related("contact_reason"))
        shipped = [
            FollowUp(brand_id=brand_id, sign=sign, about=str(about)) for sign, about in SHIPPED.items()
        ]
        return [row for row in rows or shipped if row.is_active]


class FollowUp(models.Model):
    """What warrants a call after a ticket was solved: it is proposed when one is resolved.

    A sign is the ticket's contact reason, or what went wrong with it whatever it was about.
    """

    class Sign(models.TextChoices):
        REASON = "reason", _("its contact reason")
        LATE = "late", _("an answer of ours was late")
        REOPENED = "reopened", _("it was solved once before")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    sign = models.CharField(max_length=10, choices=Sign, default=Sign.REASON)
    contact_reason = models.ForeignKey(
        ContactReason, models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("And all that lies under it; only where the sign is the contact reason."),
    )  # fmt: skip
    after_hours = models.PositiveSmallIntegerField(
        default=48, help_text=_("So long after the ticket was solved.")
    )
    about = models.CharField(max_length=160, help_text=_("What the call is about, for whoever makes it."))
    is_active = models.BooleanField(default=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        ordering = ["sign", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "sign", "contact_reason"],
                nulls_distinct=False,
                name="callbacks_followup_sign_once_a_brand",
                violation_error_message=_("This brand has a follow-up for that."),
            ),
            models.CheckConstraint(
                condition=Q(sign="reason", contact_reason__isnull=False)
                | Q(sign__in=["late", "reopened"], contact_reason__isnull=True),
                name="callbacks_followup_names_its_reason",
                violation_error_message=_(
                    "Choose a contact reason where that is the sign, and none otherwise."
                ),
            ),
            models.CheckConstraint(
                condition=Q(after_hours__range=(1, 24 * 60)),
                name="callbacks_followup_within_sixty_days",
                violation_error_message=_("Between one hour and sixty days."),
            ),
        ]

    def __str__(self) -> str:
        return self.about


SHIPPED = {
    FollowUp.Sign.LATE: _("We were late: ask whether all is well now"),
    FollowUp.Sign.REOPENED: _("Solved twice: ask whether it stays solved"),
}
