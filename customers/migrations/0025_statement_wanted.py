"""A monthly statement is wanted or not; who wants one is found by an index of their own."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0006_who_issued_and_revoked"),
        ("customers", "0018_what_duplicates_are_found_by"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="consent",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("programme", "Membership in the loyalty programme"),
                    ("calls", "Being called"),
                    ("marketing", "News and offers"),
                    ("statement", "A statement of points by e-mail each month"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(
                condition=models.Q(("given", True), ("purpose", "statement")),
                fields=["brand", "customer"],
                name="customers_consent_statement",
            ),
        ),
    ]
