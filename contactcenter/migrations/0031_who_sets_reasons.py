"""Supervisors set reasons and fields up, and look at what came of them; integrations do tasks for the shop."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

LOOK = ["contactreason", "ticketcheck", "ticketfield", "fieldvalue", "shoptask", "wrapup"]
SET = ["add_contactreason", "change_contactreason", "add_ticketfield", "change_ticketfield"]


def write(apps, schema_editor):
    config = apps.get_app_config("tickets")
    config.models_module = True  # the permissions of tables made a moment ago exist only after this
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    known = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="tickets")
    groups = apps.get_model("auth", "Group").objects
    names = [*(f"view_{model}" for model in LOOK), *SET]
    for role in ("supervisor", "administrator"):
        groups.get(name=role).permissions.add(*known.filter(codename__in=names))
    for role in ("integration", "administrator"):  # who makes a key for a machine may do what it opens
        groups.get(name=role).permissions.add(*known.filter(codename="do_shoptask"))


class Migration(migrations.Migration):
    dependencies = [
        ("contactcenter", "0022_who_shares_views"),
        ("tickets", "0031_reasons_fields_and_shop"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
