"""Lists of open tickets that somebody gave a name: private, of a team, or of the whole brand."""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

TEAM = "tickets_savedview_team_id_of_one_brand"
OF_ITS_BRAND = (
    f"ALTER TABLE tickets_savedview ADD CONSTRAINT {TEAM} FOREIGN KEY (team_id, brand_id) "
    "REFERENCES agents_team (id, brand_id) DEFERRABLE INITIALLY IMMEDIATE"
)


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0008_search_language"),
        ("tickets", "0025_whose_turn_it_is"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                (
                    "query",
                    models.CharField(
                        help_text="Operators as the search has them: tier:gold due:<2h", max_length=400
                    ),
                ),
                (
                    "brand",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agents.brand",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: shared.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: the whole brand.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agents.team",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("brand"),
                        django.db.models.functions.text.Lower("name"),
                        condition=models.Q(("owner", None)),
                        name="tickets_savedview_name_once_shared",
                        violation_error_message="This brand has a view of that name.",
                    ),
                    models.UniqueConstraint(
                        models.F("brand"),
                        models.F("owner"),
                        django.db.models.functions.text.Lower("name"),
                        condition=models.Q(("owner__isnull", False)),
                        name="tickets_savedview_name_once_private",
                        violation_error_message="You have a view of that name.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("owner", None), ("team", None), _connector="OR"),
                        name="tickets_savedview_private_or_shared",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True), models.Q(("query", ""), _negated=True)
                        ),
                        name="tickets_savedview_not_empty",
                    ),
                ],
            },
        ),
        migrations.RunSQL(OF_ITS_BRAND, f"ALTER TABLE tickets_savedview DROP CONSTRAINT {TEAM}"),
    ]
