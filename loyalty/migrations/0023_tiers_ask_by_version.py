"""What a tier takes stands in its version alone."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0022_first_version_of_tiers")]

    operations = [
        migrations.RemoveConstraint(model_name="tier", name="loyalty_tier_threshold_once"),
        migrations.RemoveField(model_name="tier", name="qualifying_points"),
    ]
