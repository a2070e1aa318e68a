"""Supervisors and administrators see what the radar found, and look into it."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

NAMES = ["decide_finding", "view_finding", "view_watch"]


def write(apps, schema_editor):
    config = apps.get_app_config("goodwill")
    config.models_module = True  # the permissions of tables made a moment ago exist only after this
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    found = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="goodwill", codename__in=NAMES
    )
    for role in ("administrator", "supervisor"):
        apps.get_model("auth", "Group").objects.get(name=role).permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [
        ("contactcenter", "0048_who_pledges"),
        ("goodwill", "0012_what_stands_out"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
