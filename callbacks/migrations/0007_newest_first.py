"""Indexes that hold the rows of a brand by id, for lists that start with the newest."""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0004_token_and_answer"),
        ("callbacks", "0006_by_day"),
        ("customers", "0008_refunds"),
        ("tickets", "0007_by_time"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="callback",
            name="brand",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.brand",
            ),
        ),
        migrations.AlterField(
            model_name="callback",
            name="owner",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="callbacks",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(
                models.F("brand"),
                django.db.models.expressions.CombinedExpression(models.F("id"), "*", models.Value(-1)),
                name="callbacks_callback_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(
                models.F("brand"),
                models.F("state"),
                django.db.models.expressions.CombinedExpression(models.F("id"), "*", models.Value(-1)),
                name="callbacks_callback_by_state",
            ),
        ),
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(
                models.F("brand"),
                models.F("owner"),
                django.db.models.expressions.CombinedExpression(models.F("id"), "*", models.Value(-1)),
                name="callbacks_callback_by_owner",
            ),
        ),
    ]
