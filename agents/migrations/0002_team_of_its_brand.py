"""A queue can point at a team and its brand."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("agents", "0001_initial")]

    operations = [
        migrations.AddConstraint(
            model_name="team",
            constraint=models.UniqueConstraint(fields=("id", "brand"), name="agents_team_of_its_brand"),
        ),
    ]
