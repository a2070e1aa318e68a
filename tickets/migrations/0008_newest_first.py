"""Indexes that hold the rows of a brand by id, for lists that start with the newest."""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0004_token_and_answer"),
        ("customers", "0009_newest_first"),
        ("tickets", "0007_by_time"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="ticket",
            name="assignee",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tickets",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="brand",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.brand",
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="queue",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tickets",
                to="tickets.queue",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.F("brand"),
                django.db.models.expressions.CombinedExpression(models.F("id"), "*", models.Value(-1)),
                name="tickets_ticket_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.F("brand"),
                models.F("status"),
                django.db.models.expressions.CombinedExpression(models.F("id"), "*", models.Value(-1)),
                name="tickets_ticket_by_status",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.F("brand"),
                models.F("queue"),
                django.db.models.expressions.CombinedExpression(models.F("id"), "*", models.Value(-1)),
                name="tickets_ticket_by_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.F("brand"),
                models.F("assignee"),
                django.db.models.expressions.CombinedExpression(models.F("id"), "*", models.Value(-1)),
                name="tickets_ticket_by_assignee",
            ),
        ),
    ]
