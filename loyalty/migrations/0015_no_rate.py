"""A programme has no rate any more: its rules say what is earned."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0014_first_rules")]

    operations = [migrations.RemoveField("programme", "points_per_unit")]
