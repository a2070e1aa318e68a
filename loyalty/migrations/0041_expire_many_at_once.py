"""Points of many accounts end in one statement."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0040_figures_without_patterns")]

    operations = [
        migrations.RunSQL(
            (SQL / "expire_all_1.sql").read_text(),
            "DROP FUNCTION loyalty_expire_all(bigint[], timestamptz, timestamptz)",
        ),
    ]
