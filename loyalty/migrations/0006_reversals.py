"""Points are taken back: a reversal counts in the year of what it takes back, and is of the same account."""

from django.db import migrations, models
from django.db.models import F, Q

# Written by changing a column's type: entries are never updated, not even here.
ADD = """
ALTER TABLE loyalty_entry ADD COLUMN counts_at timestamptz;
ALTER TABLE loyalty_entry ALTER COLUMN counts_at TYPE timestamptz USING occurred_at;
ALTER TABLE loyalty_entry ALTER COLUMN counts_at SET NOT NULL;
"""
COUNTS_AT = models.DateTimeField(help_text="When it counts towards tiers.")
SAME_ACCOUNT = """
ALTER TABLE loyalty_entry ADD CONSTRAINT loyalty_entry_reverses_id_of_one_account
    FOREIGN KEY (reverses_id, account_id) REFERENCES loyalty_entry (id, account_id) DEFERRABLE INITIALLY IMMEDIATE
"""


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0005_short_programme_code")]

    operations = [
        migrations.AlterField(
            "programme",
            "clawback",
            models.CharField(
                choices=[
                    ("debt", "the balance may go below zero"),
                    ("clamp", "it stops at zero, the rest is forgiven"),
                ],
                default="debt",
                help_text="When points of a refund are spent already.",
                max_length=5,
            ),
        ),
        migrations.RunSQL(
            ADD,
            "ALTER TABLE loyalty_entry DROP COLUMN counts_at",
            state_operations=[migrations.AddField("entry", "counts_at", COUNTS_AT)],
        ),
        migrations.RemoveIndex("entry", "loyalty_entry_qualifying"),
        migrations.AddIndex(
            "entry",
            models.Index(
                fields=["account", "counts_at"],
                include=["qualifying"],
                condition=~Q(qualifying=0),
                name="loyalty_entry_qualifying",
            ),
        ),
        migrations.RemoveConstraint("entry", "loyalty_entry_moves_points"),
        migrations.AddConstraint(
            "entry",
            models.CheckConstraint(
                condition=~Q(points=0) | (Q(kind="reverse") & ~Q(qualifying=0)),
                name="loyalty_entry_moves_points",
            ),
        ),
        migrations.AddConstraint(
            "entry",
            models.CheckConstraint(
                condition=Q(kind="reverse") | Q(counts_at=F("occurred_at")),
                name="loyalty_entry_counts_when_it_occurred",
            ),
        ),
        migrations.RunSQL(
            SAME_ACCOUNT,
            "ALTER TABLE loyalty_entry DROP CONSTRAINT loyalty_entry_reverses_id_of_one_account",
        ),
    ]
