"""Promises by day, and those whose window is over."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("callbacks", "0005_attempt_append_only")]

    operations = [
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(fields=["brand", "window_from"], name="callbacks_callback_by_day"),
        ),
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(
                condition=models.Q(("state__in", ["promised", "due"])),
                fields=["brand", "window_to"],
                name="callbacks_callback_open_by_end",
            ),
        ),
    ]
