"""A line of an incident and the request it tells of are of one brand; no sentence goes when its reason does."""

import django.db.models.deletion
from django.db import migrations, models

LINES = "ALTER TABLE goodwill_incidentline"
KEY = "goodwill_incidentline_request_id_of_one_brand"


class Migration(migrations.Migration):
    dependencies = [("goodwill", "0013_budget_of_a_campaign")]

    operations = [
        migrations.RunSQL(
            f"{LINES} ADD CONSTRAINT {KEY} FOREIGN KEY (request_id, brand_id) "
            "REFERENCES goodwill_request (id, brand_id) DEFERRABLE INITIALLY IMMEDIATE",
            f"{LINES} DROP CONSTRAINT {KEY}",
        ),
        migrations.AlterField(
            model_name="reasonsentence",
            name="reason",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="sentences", to="goodwill.reason"
            ),
        ),
    ]
