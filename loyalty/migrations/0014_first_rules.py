"""The rate of each programme becomes version 1 of its first rule: what was and will be earned stays the same."""

from datetime import UTC, datetime

from django.db import migrations

EVER = datetime(1970, 1, 1, tzinfo=UTC)


def write(apps, schema_editor):
    rule, version = (apps.get_model("loyalty", name) for name in ("EarningRule", "RuleVersion"))
    for programme in apps.get_model("loyalty", "Programme").objects.all():
        first = rule.objects.create(
            programme=programme, code="orders", name="Points of orders", event="order"
        )
        version.objects.create(
            rule=first, number=1, valid_from=EVER, live_at=EVER, counts="all",
            points_per_unit=programme.points_per_unit,
        )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0013_earning_rules")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
