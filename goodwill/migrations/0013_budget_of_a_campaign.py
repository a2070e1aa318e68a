"""A budget may be that of a campaign: of the tickets that bear its tag."""

import django.db.models.deletion
from django.db import migrations, models

# A key over (campaign, brand): the budget and the tag are of one brand, the database sees to it.
SAME_BRAND = "goodwill_budget_campaign_id_of_one_brand"


class Migration(migrations.Migration):
    dependencies = [("goodwill", "0012_what_stands_out"), ("tickets", "0046_kind_of_request")]

    operations = [
        migrations.RemoveConstraint("budget", "goodwill_budget_is_of_one"),
        migrations.RemoveConstraint("budget", "goodwill_budget_of_pledges_is_hard"),
        migrations.AddField(
            "budget",
            "campaign",
            models.ForeignKey(
                blank=True,
                help_text="The tag that tickets of the campaign bear: it pays for these before a team or the brand does.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.tag",
            ),
        ),
        migrations.AddConstraint(
            "budget",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("incident", None), ("team", None)),
                    models.Q(("campaign", None), ("team", None)),
                    models.Q(("campaign", None), ("incident", None)),
                    _connector="OR",
                ),
                name="goodwill_budget_is_of_one",
                violation_error_message="A budget is for a team, a campaign or an incident, for one of them.",
            ),
        ),
        migrations.AddConstraint(
            "budget",
            models.CheckConstraint(
                condition=models.Q(
                    ("pays_pledges", False),
                    models.Q(
                        ("campaign", None),
                        ("incident", None),
                        ("is_hard", True),
                        ("kind", "apology"),
                        ("team", None),
                    ),
                    _connector="OR",
                ),
                name="goodwill_budget_of_pledges_is_hard",
                violation_error_message="A budget of pledges is hard, for apologies, and of nobody’s besides.",
            ),
        ),
        migrations.RunSQL(
            f"ALTER TABLE goodwill_budget ADD CONSTRAINT {SAME_BRAND} FOREIGN KEY (campaign_id, brand_id) "
            "REFERENCES tickets_tag (id, brand_id) DEFERRABLE INITIALLY IMMEDIATE",
            f"ALTER TABLE goodwill_budget DROP CONSTRAINT {SAME_BRAND}",
        ),
    ]
