"""Supervisors and administrators see what customers may choose from, and the benefits that were given."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

NAMES = {"goodwill": ["view_offer", "view_remedy"], "loyalty": ["view_givenbenefit"]}


def write(apps, schema_editor):
    for room, names in NAMES.items():
        config = apps.get_app_config(room)
        config.models_module = True  # the permissions of tables made a moment ago exist only after this
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
        found = apps.get_model("auth", "Permission").objects.filter(
            content_type__app_label=room, codename__in=names
        )
        for role in ("administrator", "supervisor"):
            apps.get_model("auth", "Group").objects.get(name=role).permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [
        ("contactcenter", "0046_who_sees_incident_grants"),
        ("goodwill", "0010_customer_chooses"),
        ("loyalty", "0046_given_as_goodwill"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
