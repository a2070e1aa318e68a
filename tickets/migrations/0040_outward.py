"""The automatic first answer, the one question after, names in notes, and questions to experts."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import contactcenter.clock


def same_brand(table: str, column: str, parent: str) -> migrations.RunSQL:
    """A key over (`column`, brand_id): the row and its `parent` are of one brand, the database sees to it."""
    name = f"{table}_{column}_of_one_brand"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} "
        f"FOREIGN KEY ({column}, brand_id) REFERENCES {parent} (id, brand_id) DEFERRABLE INITIALLY IMMEDIATE",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0040_notifications_of_an_agent"),
        ("tickets", "0037_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="mentions",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=80),
                db_default=[],
                default=list,
                editable=False,
                help_text="Of a note: the names after an @ in it that named somebody.",
                size=None,
            ),
        ),
        # Queues that are there begin to answer by themselves only when somebody switches it on; new ones do at once.
        migrations.AddField(
            model_name="queue",
            name="acknowledges",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Whoever opens a ticket by mail is told at once that it came, and until when we answer.",
            ),
        ),
        migrations.AlterField(
            model_name="queue",
            name="acknowledges",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="Whoever opens a ticket by mail is told at once that it came, and until when we answer.",
            ),
        ),
        migrations.AlterField(
            model_name="inboundmail",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("received", "not worked on yet"),
                    ("created", "opened a ticket"),
                    ("appended", "joined its ticket"),
                    ("consulted", "said beside a ticket"),
                    ("duplicate", "was here before"),
                    ("ignored", "written by no person"),
                    ("quarantined", "belongs to no brand we know"),
                ],
                default="received",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="ticketevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opened", "opened"),
                    ("assigned", "assigned"),
                    ("status", "status changed"),
                    ("resolved", "resolved"),
                    ("reopened", "reopened"),
                    ("moved", "moved to another queue"),
                    ("late", "a promise was not kept"),
                    ("closed", "closed"),
                    ("snoozed", "put off"),
                    ("woken", "back from being put off"),
                    ("goodwill", "goodwill given"),
                    ("callback", "callback"),
                    ("priority", "priority changed"),
                    ("type", "type changed"),
                    ("tagged", "tag put on"),
                    ("untagged", "tag taken off"),
                    ("tier", "customer's tier changed"),
                    ("linked", "linked"),
                    ("unlinked", "link undone"),
                    ("acknowledged", "acknowledged by itself"),
                    ("surveyed", "asked how it was"),
                    ("rated", "the customer said how it was"),
                    ("consult", "somebody else asked"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="Consult",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("expert_name", models.CharField(blank=True, max_length=80)),
                (
                    "expert_address",
                    models.EmailField(
                        help_text="In lower case; answers count from here only.", max_length=254
                    ),
                ),
                ("question", models.TextField()),
                (
                    "shown",
                    models.TextField(
                        blank=True, help_text="What of the conversation the agent chose to include."
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "asked"),
                            ("answered", "answered"),
                            ("withdrawn", "withdrawn"),
                            ("expired", "not answered in time"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField(default=contactcenter.clock.now)),
                ("expires_at", models.DateTimeField()),
                (
                    "ended_at",
                    models.DateTimeField(
                        blank=True, help_text="First answered, withdrawn or expired.", null=True
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        help_text="Makes a repeated deed harmless.", max_length=200, unique=True
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "brand",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agents.brand",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consults",
                        to="tickets.ticket",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ConsultWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("question", "to the expert"),
                            ("answer", "from the expert"),
                            ("flagged", "from another address"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "sender",
                    models.CharField(
                        blank=True,
                        help_text="Address it came from; empty: by the signed page.",
                        max_length=320,
                    ),
                ),
                ("text", models.TextField()),
                ("at", models.DateTimeField(default=contactcenter.clock.now)),
                (
                    "key",
                    models.CharField(
                        help_text="Makes a repeated deed harmless.", max_length=200, unique=True
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("done", "done"),
                            ("queued", "waits to be sent"),
                            ("sending", "is being sent"),
                            ("sent", "sent"),
                            ("failed", "could not be sent"),
                        ],
                        default="done",
                        max_length=10,
                    ),
                ),
                (
                    "due_at",
                    models.DateTimeField(
                        blank=True, help_text="When to send, or when it was claimed.", null=True
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("last_error", models.CharField(blank=True, max_length=500)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "consult",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="words",
                        to="tickets.consult",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Survey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waits to be asked"),
                            ("asked", "asked"),
                            ("answered", "answered"),
                            ("dropped", "not asked"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("resolved_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("why_not", models.CharField(blank=True, help_text="Why nobody was asked.", max_length=20)),
                ("asked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "score",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[(1, "very bad"), (2, "bad"), (3, "neither"), (4, "good"), (5, "very good")],
                        null=True,
                    ),
                ),
                ("comment", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("changed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "agent",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "brand",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agents.brand",
                    ),
                ),
                (
                    "queue",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.queue",
                    ),
                ),
                (
                    "ticket",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="survey",
                        to="tickets.ticket",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SurveyRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "share_percent",
                    models.PositiveSmallIntegerField(
                        default=100,
                        help_text="Of a hundred tickets that are solved, so many are asked about; 0 asks nobody.",
                    ),
                ),
                (
                    "hours_after",
                    models.PositiveSmallIntegerField(
                        default=24, help_text="Asked so many hours after the ticket was solved."
                    ),
                ),
                (
                    "days_between",
                    models.PositiveSmallIntegerField(
                        default=14, help_text="A customer is asked once within so many days at most."
                    ),
                ),
                (
                    "on_bad",
                    models.CharField(
                        default="nothing",
                        help_text="What a bad answer (one or two of five) brings.",
                        max_length=20,
                    ),
                ),
                (
                    "brand",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.brand"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AcknowledgementText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "language",
                    models.CharField(help_text="Of the customers who read it: en, de, pt-br.", max_length=10),
                ),
                (
                    "text",
                    models.TextField(
                        help_text="Placeholders: {name} the customer, {reference} the ticket, {due} until when we answer (Monday 10:30), {brand}. A line whose {due} nobody promised is left out.",
                        max_length=4000,
                    ),
                ),
                (
                    "brand",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agents.brand",
                    ),
                ),
            ],
            options={
                "ordering": ["language"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("brand", "language"),
                        name="tickets_acknowledgementtext_once_a_language",
                        violation_error_message="This brand has a text in that language.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("language__regex", "^[a-z]{2,3}(-[a-z]{2,6})?$")),
                        name="tickets_acknowledgementtext_language_is_code",
                        violation_error_message="Write a language as en, de or pt-br.",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="consult",
            index=models.Index(
                models.F("brand"),
                django.db.models.expressions.CombinedExpression(models.F("id"), "*", models.Value(-1)),
                name="tickets_consult_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="consult",
            index=models.Index(
                condition=models.Q(("state", "asked")),
                fields=["expires_at", "id"],
                name="tickets_consult_to_expire",
            ),
        ),
        migrations.AddConstraint(
            model_name="consult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("state", "asked")),
                    models.Q(
                        ("ended_at__isnull", False), ("state__in", ["answered", "withdrawn", "expired"])
                    ),
                    _connector="OR",
                ),
                name="tickets_consult_ended_or_asked",
            ),
        ),
        migrations.AddConstraint(
            model_name="consult",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("asked_at"))),
                name="tickets_consult_gives_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="consult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("expert_address", ""), _negated=True), models.Q(("question", ""), _negated=True)
                ),
                name="tickets_consult_asks_somebody",
            ),
        ),
        migrations.AddIndex(
            model_name="consultword",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "sending"])),
                fields=["due_at", "id"],
                name="tickets_consultword_to_send",
            ),
        ),
        migrations.AddConstraint(
            model_name="consultword",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("author__isnull", False), ("kind", "question")),
                    models.Q(("author", None), ("kind__in", ["answer", "flagged"])),
                    _connector="OR",
                ),
                name="tickets_consultword_ours_has_author",
            ),
        ),
        migrations.AddConstraint(
            model_name="consultword",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("due_at", None), ("state", "done")),
                    models.Q(
                        ("due_at__isnull", False), ("kind", "question"), ("state__in", ["queued", "sending"])
                    ),
                    models.Q(("due_at", None), ("kind", "question"), ("state__in", ["sent", "failed"])),
                    _connector="OR",
                ),
                name="tickets_consultword_only_ours_is_sent",
            ),
        ),
        migrations.AddIndex(
            model_name="survey",
            index=models.Index(
                models.F("brand"),
                django.db.models.expressions.CombinedExpression(models.F("id"), "*", models.Value(-1)),
                name="tickets_survey_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="survey",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["due_at", "id"],
                name="tickets_survey_to_ask",
            ),
        ),
        migrations.AddIndex(
            model_name="survey",
            index=models.Index(
                models.F("brand"),
                django.db.models.expressions.CombinedExpression(models.F("id"), "*", models.Value(-1)),
                condition=models.Q(("state", "answered")),
                name="tickets_survey_answers",
            ),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("due_at__isnull", False), ("state", "waiting")),
                    models.Q(("due_at", None), ("state__in", ["asked", "answered", "dropped"])),
                    _connector="OR",
                ),
                name="tickets_survey_waiting_has_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at__isnull", False), ("score__isnull", False), ("state", "answered")),
                    models.Q(
                        models.Q(("state", "answered"), _negated=True), ("answered_at", None), ("score", None)
                    ),
                    _connector="OR",
                ),
                name="tickets_survey_answered_has_score",
            ),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("score", None), models.Q(("score__gte", 1), ("score__lte", 5)), _connector="OR"
                ),
                name="tickets_survey_score_of_five",
            ),
        ),
        migrations.AddConstraint(
            model_name="surveyrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("share_percent__lte", 100)),
                name="tickets_surveyrule_share_of_a_hundred",
                violation_error_message="A share is a hundred percent at most.",
            ),
        ),
        migrations.AddConstraint(
            model_name="surveyrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours_after__lte", 720)),
                name="tickets_surveyrule_asks_while_known",
                violation_error_message="Ask within thirty days, while people remember.",
            ),
        ),
        migrations.AddConstraint(
            model_name="surveyrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("on_bad__regex", "^[a-z_]+$")), name="tickets_surveyrule_step_is_code"
            ),
        ),
        same_brand("tickets_consult", "ticket_id", "tickets_ticket"),
        same_brand("tickets_survey", "ticket_id", "tickets_ticket"),
        same_brand("tickets_survey", "queue_id", "tickets_queue"),
    ]
