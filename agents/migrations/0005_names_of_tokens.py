"""What the pages call a token and an answer."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0004_token_and_answer"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="answer",
            options={"verbose_name": "API answer"},
        ),
        migrations.AlterModelOptions(
            name="token",
            options={"ordering": ["-id"], "verbose_name": "API token"},
        ),
    ]
