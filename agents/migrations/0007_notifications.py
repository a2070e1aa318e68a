"""What agents are told without having asked."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import contactcenter.clock


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0006_who_issued_and_revoked"),
    ]

    operations = [
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(help_text="A code; screens make a sentence of it.", max_length=40)),
                (
                    "subject",
                    models.CharField(
                        help_text="What it is about, as people name it: FF-4812.", max_length=40
                    ),
                ),
                ("data", models.JSONField(blank=True, default=dict, help_text="Codes, ids and figures.")),
                ("key", models.CharField(help_text="Makes telling again harmless.", max_length=100)),
                ("at", models.DateTimeField(default=contactcenter.clock.now)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.brand"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("read_at", None)),
                        fields=["agent", "-id"],
                        name="agents_notification_unread",
                    ),
                    models.Index(fields=["brand", "-id"], name="agents_notification_newest"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("agent", "key"), name="agents_notification_told_once")
                ],
            },
        ),
    ]
