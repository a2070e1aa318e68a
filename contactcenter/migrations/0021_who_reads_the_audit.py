"""Supervisors and administrators look at the proofs of the audit, at tags and links, and keep the tags."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

NEW = ["view_ticketproof", "view_tag", "add_tag", "change_tag", "view_tickettag", "view_ticketlink"]


def write(apps, schema_editor):
    config = apps.get_app_config("tickets")
    config.models_module = True  # the permissions of tables made a moment ago exist only after this
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    found = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="tickets", codename__in=NEW
    )
    for role in ("supervisor", "administrator"):
        apps.get_model("auth", "Group").objects.get(name=role).permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [("contactcenter", "0020_who_sets_promises"), ("tickets", "0022_links")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
