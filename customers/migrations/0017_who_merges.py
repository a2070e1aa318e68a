"""Supervisors and administrators merge customers and look at it (agents/roles.py has the same; a test compares them)."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

NAMES = ["merge_customers", "view_merge", "view_mergedrow", "view_notsame", "view_duplicate"]


def write(apps, schema_editor):
    config = apps.get_app_config("customers")
    config.models_module = True  # the permissions of tables made a moment ago exist only after this
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    permission = apps.get_model("auth", "Permission")
    held = permission.objects.filter(content_type__app_label="customers", codename__in=NAMES)
    for role in ("supervisor", "administrator"):
        apps.get_model("auth", "Group").objects.get(name=role).permissions.add(*held)


class Migration(migrations.Migration):
    dependencies = [
        ("contactcenter", "0015_who_sets_tiers"),
        ("customers", "0016_merges_and_duplicates"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
