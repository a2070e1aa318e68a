"""Keys to the API, and the answers it keeps so that a repeat is told the same."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import contactcenter.clock


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0003_export_permission"),
    ]

    operations = [
        migrations.CreateModel(
            name="Token",
            fields=[
                ("token_key", models.CharField(db_index=True, max_length=25)),
                ("expiry", models.DateTimeField(blank=True, null=True)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("digest", models.CharField(editable=False, max_length=128, unique=True)),
                ("name", models.CharField(help_text="What it is for: web shop, warehouse.", max_length=80)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None
                    ),
                ),
                ("created", models.DateTimeField(default=contactcenter.clock.now, editable=False)),
                ("last_used_at", models.DateTimeField(blank=True, help_text="To the minute.", null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="auth_token_set",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="agent",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=128)),
                ("method", models.CharField(max_length=8)),
                ("path", models.CharField(max_length=200)),
                ("request_hash", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField()),
                ("body", models.TextField()),
                ("created_at", models.DateTimeField(default=contactcenter.clock.now)),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
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
                "indexes": [models.Index(fields=["created_at"], name="agents_answer_by_age")],
                "constraints": [
                    models.UniqueConstraint(fields=("agent", "key"), name="agents_answer_key_once_an_agent")
                ],
            },
        ),
    ]
