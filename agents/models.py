"""Who works here, and for which brand."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from knox.crypto import hash_token
from knox.models import AbstractAuthToken

from agents import roles
from contactcenter import clock

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import AnonymousUser


def first_name_of(name: str) -> str:
    """What colleagues call each other by; `""` for no name."""
    return name.split(" ")[0]


def initials_of(name: str) -> str:
    """The first letters of the first and the last word, for an avatar; ? for no name."""
    words = name.split() or ["?"]
    return "".join(word[0] for word in [words[0], *words[1:][-1:]]).upper()


# The configurations of full text search that every PostgreSQL brings.
SEARCH_LANGUAGES = (
    "simple", "arabic", "armenian", "basque", "catalan", "danish", "dutch", "english", "finnish", "french",
    "german", "greek", "hindi", "hungarian", "indonesian", "irish", "italian", "lithuanian", "nepali", "norwegian",
    "portuguese", "romanian", "russian", "serbian", "spanish", "swedish", "tamil", "turkish", "yiddish",
)  # fmt: skip


class BrandQuerySet(models.QuerySet["Brand"]):
    def visible_to(self, agent: Agent | AnonymousUser) -> BrandQuerySet:
        """The brands whose customers this agent may know of. The owner of the installation sees all."""
        if agent.is_superuser:
            return self.all()
        return self.filter(pk__in=_served_by(agent)) if agent.pk else self.none()


class Brand(models.Model):
    """A company whose customers are served here, kept apart from every other."""

    code = models.CharField(
        max_length=8,
        unique=True,
        validators=[RegexValidator(r"^[A-Z][A-Z0-9]{1,7}$")],
        help_text=_("Stands before ticket numbers: FF in FF-4812."),
    )
    name = models.CharField(max_length=80, unique=True)
    currency = models.CharField(
        max_length=3, default="EUR", help_text=_("ISO 4217 code of orders and points' worth.")
    )
    time_zone = models.CharField(max_length=40, default="UTC")
    mail_name = models.CharField(
        max_length=80, blank=True, help_text=_("Sender's name on mails to customers.")
    )
    search_language = models.CharField(
        max_length=20,
        choices=[(name, name) for name in SEARCH_LANGUAGES],
        default="english",
        help_text=_(
            "Tickets are searched in this language: parcel finds parcels. Simple: words as they are written. "
            "Changed later by manage.py search_language."
        ),
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BrandQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[A-Z][A-Z0-9]{1,7}$"), name="agents_brand_code_is_plain"
            ),
            models.CheckConstraint(
                condition=models.Q(search_language__in=SEARCH_LANGUAGES),
                name="agents_brand_search_language_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OfBrandQuerySet(models.QuerySet[Any]):
    """Questions every table with a `brand` column shares."""

    def visible_to(self, agent: Agent | AnonymousUser) -> Any:
        """Only the rows of brands this agent serves; the owner sees all, those of no brand too."""
        if agent.is_superuser:
            return self.all()
        return self.filter(brand__in=_served_by(agent)) if agent.pk else self.none()


def _served_by(agent: Agent | AnonymousUser) -> Any:
    """The ids of the brands that an agent serves.

    A subquery: a join would be taken for its own by whoever asks for the brands of somebody else.
    """
    return Agent.brands.through.objects.filter(agent=agent.pk).values("brand")


class Team(models.Model):
    """Agents who work together for one brand."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="teams")
    name = models.CharField(max_length=80)

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                "brand",
                Lower("name"),
                name="agents_team_name_once_a_brand",
                violation_error_message=_("This brand has a team of that name."),
            ),
            # Lets other tables point at (id, brand), so that no row can ever join two brands.
            models.UniqueConstraint(fields=["id", "brand"], name="agents_team_of_its_brand"),
        ]

    def __str__(self) -> str:
        return self.name


class Skill(models.Model):
    """Something an agent is good at: a language, a product, a kind of case."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    language = models.CharField(
        max_length=10,
        blank=True,
        default="",
        db_default="",
        help_text=_("Of a language, its code: de. Who has the skill answers customers of it."),
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class AgentQuerySet(models.QuerySet["Agent"]):
    def visible_to(self, agent: Agent | AnonymousUser) -> AgentQuerySet:
        """Colleagues: whoever serves a brand that this agent serves too; the owner sees all."""
        if agent.is_superuser:
            return self.all()
        served = Agent.brands.through.objects.filter(brand__in=Brand.objects.visible_to(agent))
        return self.filter(pk__in=served.values("agent"))

    def serving(self, brand: Brand) -> AgentQuerySet:
        """People who answer customers of this brand; machines do not."""
        return self.filter(is_active=True, brands=brand).exclude(groups__name=roles.INTEGRATION)


_AgentManager = BaseUserManager.from_queryset(AgentQuerySet)


class AgentManager(_AgentManager):  # type: ignore[valid-type, misc]
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Agent:
        """A new agent; `email` is the name they sign in with."""
        agent = self.model(email=self.normalize_email(email).lower(), **fields)
        agent.set_password(password)
        agent.save(using=self._db)
        return agent

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Agent:
        """The owner of the installation, who sees every brand."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class Density(models.TextChoices):
    COMFORTABLE = "comfortable", _("Comfortable")
    COMPACT = "compact", _("Compact")


class Theme(models.TextChoices):
    SYSTEM = "system", _("As the system says")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Agent(AbstractBaseUser, PermissionsMixin):  # type: ignore[django-manager-missing]  # knox tells no types
    """A person, or with the role *integration* a machine, that acts in the house."""

    email = models.EmailField(_("work e-mail"), unique=True)
    name = models.CharField(max_length=80)
    time_zone = models.CharField(max_length=40, default="UTC")
    language = models.CharField(max_length=10, default="en")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text=_("May open the supervisors' pages."))
    date_joined = models.DateTimeField(auto_now_add=True)
    brands = models.ManyToManyField(Brand, related_name="agents", blank=True)
    teams = models.ManyToManyField(Team, related_name="agents", blank=True)
    skills = models.ManyToManyField(Skill, related_name="agents", blank=True)
    # How they like their desk; written by agents.preferences only.
    keys_on = models.BooleanField(default=True, db_default=True, help_text=_("Single keys do deeds."))
    density = models.CharField(
        max_length=11, choices=Density.choices, default=Density.COMFORTABLE, db_default=Density.COMFORTABLE
    )
    theme = models.CharField(
        max_length=6, choices=Theme.choices, default=Theme.SYSTEM, db_default=Theme.SYSTEM
    )
    sound = models.BooleanField(
        default=False, db_default=False, help_text=_("A short sound where something new is told.")
    )

    objects: ClassVar[AgentManager] = AgentManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name"]
        permissions = [("export", "Can take lists out of the house as files")]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="agents_agent_email_once",
                violation_error_message=_("Somebody signs in with this address."),
            ),
            models.CheckConstraint(
                condition=Q(density__in=Density.values), name="agents_agent_density_known"
            ),
            models.CheckConstraint(condition=Q(theme__in=Theme.values), name="agents_agent_theme_known"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """How pages of other packages name whoever is signed in."""
        return str(self)

    @property
    def first_name(self) -> str:
        return first_name_of(self.name) or self.email

    @property
    def initials(self) -> str:
        return initials_of(self.name.strip() or self.email)

    def serves(self, brand: int) -> bool:
        """Whether the agent serves the brand of this id; of who is signed in it came with their rights."""
        if (served := self.__dict__.get("served")) is not None:
            return brand in served
        return self.brands.filter(pk=brand).exists()

    @cached_property
    def role(self) -> str:
        """The highest role this agent has, `""` for none."""
        held = set(self.groups.values_list("name", flat=True))
        return next((role for role in roles.RANKED if role in held), "")


class TokenQuerySet(models.QuerySet["Token"]):
    def visible_to(self, agent: Agent | AnonymousUser) -> TokenQuerySet:
        """The tokens of colleagues; the owner sees all."""
        return self if agent.is_superuser else self.filter(user__in=Agent.objects.visible_to(agent))

    def usable(self, at: datetime) -> TokenQuerySet:
        """Those that open the door at `at`."""
        alive = Q(expiry=None) | Q(expiry__gt=at)
        return self.filter(alive, revoked_at=None, user__is_active=True)

    def of_secret(self, secret: str) -> TokenQuerySet:
        """The token whose whole secret this is; only its digest is kept."""
        return self.filter(digest=hash_token(secret))


class Token(AbstractAuthToken):
    """A key to the API for one agent, for what its `scopes` name and for nothing the agent may not do.

    The secret is shown once and kept only as a digest; `token_key` is how it begins, to tell tokens apart.
    """

    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=128, unique=True, editable=False)
    user = models.ForeignKey(Agent, models.PROTECT, related_name="auth_token_set", verbose_name=_("agent"))
    name = models.CharField(max_length=80, help_text=_("What it is for: web shop, warehouse."))
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    created = models.DateTimeField(default=clock.now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text=_("To the minute."))
    revoked_at = models.DateTimeField(null=True, blank=True)
    issued_by = models.ForeignKey(
        Agent,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Empty: from the command line."),
    )
    revoked_by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")

    objects = TokenQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_by=None) | Q(revoked_at__isnull=False),
                name="agents_token_revoked_by_somebody_at_a_time",
            )
        ]
        verbose_name = _("API token")

    def __str__(self) -> str:
        return f"{self.name} ({self.token_key[:6]}…)"


class Answer(models.Model):
    """What the API answered to a deed, kept for some days, so that a repeat under its key is told the same."""

    agent = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+")
    key = models.CharField(max_length=128)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    created_at = models.DateTimeField(default=clock.now)

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agent", "key"], name="agents_answer_key_once_an_agent")
        ]
        indexes = [models.Index(fields=["created_at"], name="agents_answer_by_age")]
        verbose_name = _("API answer")

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"


class NotificationQuerySet(OfBrandQuerySet):
    def unread(self) -> NotificationQuerySet:
        return self.filter(read_at=None)


class Notification(models.Model):
    """Something an agent should know without having asked: told once, kept until it is read and after."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+")
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="notifications", db_index=False)
    kind = models.CharField(max_length=40, help_text=_("A code; screens make a sentence of it."))
    subject = models.CharField(max_length=40, help_text=_("What it is about, as people name it: FF-4812."))
    data = models.JSONField(default=dict, blank=True, help_text=_("Codes, ids and figures."))
    key = models.CharField(max_length=100, help_text=_("Makes telling again harmless."))
    at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["agent", "key"], name="agents_notification_told_once")]
        indexes = [
            models.Index(
                fields=["agent", "-id"], condition=Q(read_at=None), name="agents_notification_unread"
            ),
            models.Index(fields=["brand", "-id"], name="agents_notification_newest"),
            models.Index(fields=["agent", "-id"], name="agents_notification_of_agent"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


# The tables of who is there; they stand on those above.
import agents.presence.models  # noqa: E402, F401
