"""What is earned ends in the way the programme chose."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


def text(name, version):
    return (SQL / f"{name}_{version}.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0026_events_that_earn")]

    operations = [
        migrations.RunSQL(
            text("end_of", 1), "DROP FUNCTION loyalty_end_of(timestamptz, int, loyalty_programme)"
        ),
        migrations.RunSQL(
            text("earn", 2), text("earn", 1).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)
        ),
    ]
