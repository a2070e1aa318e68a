"""Earning and spending are one call each, in functions of the database."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"
FUNCTIONS = [
    "months_on", "use_lots", "post", "open_account", "expire_due", "keep_account", "redeem", "earn",
]  # fmt: skip


def function(name, version):
    statement = (SQL / f"{name}_{version}.sql").read_text()
    return migrations.RunSQL(statement, f"DROP FUNCTION loyalty_{name}")


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0016_guarantees")]

    operations = [function(name, 1) for name in FUNCTIONS]
