"""Supervisors write the words of the automatic answer, set whom the brand asks, and look at answers and experts."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

LOOK = ["acknowledgementtext", "surveyrule", "survey", "consult", "consultword"]
SET = ["add_acknowledgementtext", "change_acknowledgementtext", "add_surveyrule", "change_surveyrule"]


def write(apps, schema_editor):
    config = apps.get_app_config("tickets")
    config.models_module = True  # the permissions of tables made a moment ago exist only after this
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    names = [*SET, *(f"view_{model}" for model in LOOK)]
    found = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="tickets", codename__in=names
    )
    for role in ("supervisor", "administrator"):
        apps.get_model("auth", "Group").objects.get(name=role).permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [("contactcenter", "0037_who_sets_rules_of_tickets"), ("tickets", "0040_outward")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
