"""Supervisors share views, and look at those that are shared."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

NAMES = ["view_savedview", "add_savedview", "change_savedview"]


def write(apps, schema_editor):
    config = apps.get_app_config("tickets")
    config.models_module = True  # the permissions of tables made a moment ago exist only after this
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    found = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="tickets", codename__in=NAMES
    )
    for role in ("administrator", "supervisor"):
        apps.get_model("auth", "Group").objects.get(name=role).permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [
        ("contactcenter", "0021_who_reads_the_audit"),
        ("tickets", "0026_views_with_a_name"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
