"""Supervisors and administrators may take lists out of the house (agents/roles.py has the same; a test compares)."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

ROLES = ["supervisor", "administrator"]


def write(apps, schema_editor):
    config = apps.get_app_config("agents")
    config.models_module = True  # the permission exists only after this
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    export = apps.get_model("auth", "Permission").objects.get(
        content_type__app_label="agents", content_type__model="agent", codename="export"
    )
    for held in apps.get_model("auth", "Group").objects.filter(name__in=ROLES):
        held.permissions.add(export)


class Migration(migrations.Migration):
    dependencies = [("contactcenter", "0004_serve_customers"), ("agents", "0003_export_permission")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
