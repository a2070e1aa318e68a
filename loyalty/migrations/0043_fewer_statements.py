"""What ends is planned for as many accounts as there are; a posting asks its account and lots in one statement."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


def text(name: str) -> str:
    """What the file of that function and version says, also where the function is there already."""
    return (SQL / f"{name}.sql").read_text().replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0042_fewer_indexes")]

    operations = [
        migrations.RunSQL(text(f"{name}_2"), text(f"{name}_1"))
        for name in ("expire_all", "keep_account", "check_account")
    ]
