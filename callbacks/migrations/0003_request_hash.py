"""What a key was first used for is kept beside it: a promise that was moved no longer shows it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("callbacks", "0002_one_brand")]

    operations = [
        migrations.AddField(
            model_name=name,
            name="request_hash",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        )
        for name in ("callback", "attempt")
    ]
