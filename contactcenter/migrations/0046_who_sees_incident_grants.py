"""Supervisors and administrators look at what was given to everybody an incident hit."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

NAMES = ["view_incidentgrant"]


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
        ("contactcenter", "0045_who_writes_sentences_of_reasons"),
        ("goodwill", "0009_one_grant_for_an_incident"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
