"""The right to take lists out of the house."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("agents", "0002_team_of_its_brand")]

    operations = [
        migrations.AlterModelOptions(
            name="agent",
            options={
                "ordering": ["name"],
                "permissions": [("export", "Can take lists out of the house as files")],
            },
        ),
    ]
