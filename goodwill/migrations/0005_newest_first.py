"""Indexes that hold the rows of a brand by id, for lists that start with the newest."""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0004_token_and_answer"),
        ("goodwill", "0004_by_time"),
        ("loyalty", "0006_reversals"),
        ("tickets", "0007_by_time"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="request",
            name="brand",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.brand",
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                models.F("brand"),
                django.db.models.expressions.CombinedExpression(models.F("id"), "*", models.Value(-1)),
                name="goodwill_request_newest",
            ),
        ),
    ]
