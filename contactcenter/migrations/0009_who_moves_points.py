"""Supervisors move points between accounts, freeze accounts, and look at holds, corrections and what was done."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

ADDED = ["transfer_points", "freeze_account", "view_hold", "view_adjustment", "view_accountevent"]


def write(apps, schema_editor):
    config = apps.get_app_config("loyalty")
    config.models_module = True  # the permissions of tables made a moment ago exist only after this
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="loyalty", codename__in=ADDED
    )
    for role in ("supervisor", "administrator"):
        apps.get_model("auth", "Group").objects.get(name=role).permissions.add(*permissions)


class Migration(migrations.Migration):
    dependencies = [
        ("contactcenter", "0008_who_looks_at_tokens"),
        ("loyalty", "0009_holds_and_corrections"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
