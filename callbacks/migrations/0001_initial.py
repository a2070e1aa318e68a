"""Promises of a call or a task, and every try to keep them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import contactcenter.clock


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("agents", "0001_initial"),
        ("customers", "0001_initial"),
        ("tickets", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Callback",
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
                        choices=[("call", "Callback"), ("task", "Task")], default="call", max_length=10
                    ),
                ),
                ("reason", models.CharField(max_length=160)),
                ("window_from", models.DateTimeField()),
                ("window_to", models.DateTimeField()),
                ("zone", models.CharField(max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("promised", "promised"),
                            ("due", "due"),
                            ("kept", "kept"),
                            ("cancelled", "cancelled"),
                        ],
                        default="promised",
                        max_length=10,
                    ),
                ),
                (
                    "due_since",
                    models.DateTimeField(blank=True, help_text="When it was handed to its owner.", null=True),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("promised_at", models.DateTimeField(default=contactcenter.clock.now)),
                (
                    "key",
                    models.CharField(
                        help_text="Makes a repeated promise harmless.", max_length=64, unique=True
                    ),
                ),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.brand"
                    ),
                ),
                (
                    "contact_point",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.contactpoint",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="callbacks",
                        to="customers.customer",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="callbacks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "promised_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="callbacks",
                        to="tickets.ticket",
                    ),
                ),
            ],
            options={
                "permissions": [("promise_callback", "Can promise callbacks and keep them")],
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[("done", "done"), ("no_answer", "no answer"), ("moved", "moved")],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(default=contactcenter.clock.now)),
                ("note", models.CharField(blank=True, max_length=500)),
                (
                    "key",
                    models.CharField(
                        help_text="Makes a repeated outcome harmless.", max_length=64, unique=True
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "callback",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attempts",
                        to="callbacks.callback",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(
                condition=models.Q(("state", "promised")),
                fields=["window_from", "id"],
                name="callbacks_callback_to_come",
            ),
        ),
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(
                condition=models.Q(("state", "due")),
                fields=["owner", "window_to", "id"],
                name="callbacks_callback_on_desk",
            ),
        ),
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(fields=["owner", "window_from"], name="callbacks_callback_agenda"),
        ),
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(fields=["customer", "-window_from"], name="callbacks_callback_of_customer"),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(("window_to__gt", models.F("window_from"))),
                name="callbacks_callback_window_runs",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("state__in", ["promised", "due"])),
                    models.Q(("ended_at__isnull", False), ("state__in", ["kept", "cancelled"])),
                    _connector="OR",
                ),
                name="callbacks_callback_ended_when_over",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "call"), _negated=True),
                    ("contact_point__isnull", False),
                    _connector="OR",
                ),
                name="callbacks_callback_call_has_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "call"), ("state__in", ["promised", "due"])),
                fields=("ticket",),
                name="callbacks_callback_one_open_call_a_ticket",
            ),
        ),
    ]
