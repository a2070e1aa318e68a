"""Every member has a code by which friends say who brought them; the database draws it."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0028_merges_undone")]

    operations = [
        migrations.RunSQL(
            (SQL / "new_referral_code_1.sql").read_text(), "DROP FUNCTION loyalty_new_referral_code"
        ),
        migrations.AddField(
            model_name="account",
            name="referral_code",
            field=models.CharField(
                db_default=models.Func(function="loyalty_new_referral_code"),
                editable=False,
                help_text="Friends name it who were brought by this member.",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                fields=("programme", "referral_code"), name="loyalty_account_referral_code_once"
            ),
        ),
    ]
