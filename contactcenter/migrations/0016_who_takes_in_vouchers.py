"""Agents, supervisors and administrators take in vouchers, and so does the till of a shop."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

ROLES = ["administrator", "supervisor", "agent", "integration"]


def write(apps, schema_editor):
    config = apps.get_app_config("loyalty")
    config.models_module = True  # a permission made a moment ago exists only after this
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    use = apps.get_model("auth", "Permission").objects.get(
        content_type__app_label="loyalty", codename="use_voucher"
    )
    for group in apps.get_model("auth", "Group").objects.filter(name__in=ROLES):
        group.permissions.add(use)


class Migration(migrations.Migration):
    dependencies = [
        ("contactcenter", "0015_who_sets_tiers"),
        ("loyalty", "0037_sent_and_ended_by_hand"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
