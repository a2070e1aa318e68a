"""What the tiers took until now becomes version 1 of them, in force from the beginning."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.db import migrations


def write(apps, schema_editor):
    tier = apps.get_model("loyalty", "Tier")
    tier_set = apps.get_model("loyalty", "TierSet")
    criterion = apps.get_model("loyalty", "Criterion")
    account = apps.get_model("loyalty", "Account")
    now = datetime.now(UTC)
    for programme in apps.get_model("loyalty", "Programme").objects.all():
        tiers = list(tier.objects.filter(programme=programme))
        if not tiers:
            continue
        first = tier_set.objects.create(programme=programme, version=1, in_force_from=date(2000, 1, 1))
        criterion.objects.bulk_create(
            criterion(programme=programme, tier_set=first, tier=one, qualifying_points=one.qualifying_points)
            for one in tiers
        )
        tier_set.objects.filter(pk=first.pk).update(published_at=now, followed_at=now)
        # Until now nobody knew when a tier ends: all are reviewed when the next calendar year is over.
        zone = ZoneInfo(programme.time_zone)
        end = datetime(now.astimezone(zone).year + 2, 1, 1, tzinfo=zone).astimezone(UTC)
        earned = [one.pk for one in tiers if one.qualifying_points]
        account.objects.filter(programme=programme, tier__in=earned).update(tier_valid_until=end)


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0021_tier_sets")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
