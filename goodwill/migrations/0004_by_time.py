"""Grants by day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("goodwill", "0003_one_brand")]

    operations = [
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["brand", "asked_at"], name="goodwill_request_by_time"),
        ),
    ]
