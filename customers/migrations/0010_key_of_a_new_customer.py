"""A key of its own for a customer made on a form: the form sent twice makes one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0009_newest_first"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="key",
            field=models.CharField(
                editable=False,
                help_text="Makes a repeated form harmless.",
                max_length=64,
                null=True,
                unique=True,
            ),
        ),
    ]
