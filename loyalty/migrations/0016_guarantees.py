"""What an entry stands against fits its kind, and at commit the lots of an account hold its balance."""

from pathlib import Path

from django.db import migrations, models
from django.db.models import F, Q

SQL = Path(__file__).parent.parent / "sql"
TRIGGERS = """
CREATE CONSTRAINT TRIGGER loyalty_account_lots_add_up AFTER INSERT OR UPDATE ON loyalty_account
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION loyalty_check_account();
CREATE CONSTRAINT TRIGGER loyalty_lot_adds_up AFTER INSERT OR DELETE OR UPDATE OF remaining, is_open, account_id
    ON loyalty_lot DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION loyalty_check_lot();
"""
BACK = """
DROP TRIGGER loyalty_account_lots_add_up ON loyalty_account;
DROP TRIGGER loyalty_lot_adds_up ON loyalty_lot;
"""


def function(name, version):
    statement = (SQL / f"{name}_{version}.sql").read_text()
    return migrations.RunSQL(statement, f"DROP FUNCTION loyalty_{name}")


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0015_no_rate")]

    operations = [
        migrations.AddConstraint(
            "entry",
            models.CheckConstraint(
                condition=(
                    Q(kind="earn", contra__startswith="issue.")
                    | Q(kind="redeem", contra__startswith="redeem.")
                    | Q(kind__in=["expire", "adjust", "transfer"], contra=F("kind"))
                    | (Q(kind="reverse") & (Q(contra__startswith="issue.") | Q(contra__startswith="redeem.")))
                ),
                name="loyalty_entry_contra_fits_kind",
            ),
        ),
        function("check_account", 1),
        function("check_lot", 1),
        migrations.RunSQL(TRIGGERS, BACK),
    ]
