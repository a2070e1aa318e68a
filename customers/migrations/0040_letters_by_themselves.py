"""How many automatic answers a brand has sent lately is counted before the next one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0028_fewer_indexes"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("template", "acknowledgement")),
                fields=["brand", "written_at"],
                name="customers_notice_automatic",
            ),
        ),
    ]
