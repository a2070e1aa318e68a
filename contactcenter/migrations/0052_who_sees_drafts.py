"""Supervisors and administrators look at the words that agents have begun."""

from django.contrib.auth.management import create_permissions
from django.db import migrations


def write(apps, schema_editor):
    config = apps.get_app_config("tickets")
    config.models_module = True  # the permissions of tables made a moment ago exist only after this
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    found = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="tickets", codename="view_draft"
    )
    for role in ("administrator", "supervisor"):
        apps.get_model("auth", "Group").objects.get(name=role).permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [
        ("contactcenter", "0051_live_events"),
        ("tickets", "0047_drafts"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
