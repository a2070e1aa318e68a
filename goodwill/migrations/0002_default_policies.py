"""The limits a new installation starts with: points in one grant, by role."""

from django.db import migrations

PER_GRANT = {"agent": 500, "supervisor": 2500, "administrator": 10000}


def ship(apps, schema_editor):
    policy = apps.get_model("goodwill", "Policy")
    for role, points in PER_GRANT.items():
        policy.objects.get_or_create(role=role, defaults={"per_grant": points})


class Migration(migrations.Migration):
    dependencies = [("goodwill", "0001_initial")]

    operations = [migrations.RunPython(ship, migrations.RunPython.noop)]
