"""Supervisors and administrators see who is there and who got what, name reasons of states, and set the routing."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

NEW = {
    "agents": [
        "view_presence", "change_presence", "view_stretch", "view_statereason", "add_statereason", "change_statereason",
    ],
    "tickets": [
        "view_routingpolicy", "add_routingpolicy", "change_routingpolicy",
        "view_capacity", "add_capacity", "change_capacity", "view_routingdecision",
    ],
}  # fmt: skip


def write(apps, schema_editor):
    for label, codes in NEW.items():
        config = apps.get_app_config(label)
        config.models_module = True  # the permissions of tables made a moment ago exist only after this
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
        found = apps.get_model("auth", "Permission").objects.filter(
            content_type__app_label=label, codename__in=codes
        )
        for role in ("supervisor", "administrator"):
            apps.get_model("auth", "Group").objects.get(name=role).permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [
        ("contactcenter", "0031_who_sets_reasons"),
        ("agents", "0034_presence"),
        ("tickets", "0034_routing"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
