"""Supervisors and administrators agree to goodwill that others asked for, and set up budgets."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

NAMES = ["approve_goodwill", "view_budget", "add_budget", "change_budget"]


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
        ("contactcenter", "0043_who_sees_verifications"),
        ("goodwill", "0006_asked_and_approved"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
