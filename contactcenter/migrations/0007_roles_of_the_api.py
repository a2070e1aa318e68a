"""What the API adds to the roles: tokens for administrators, bringing in and promising for machines."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

ADDED = {
    "administrator": [
        "agents.add_token",
        "agents.change_token",
        "agents.view_token",
        "customers.add_customer",
        "customers.add_order",
    ],
    "integration": [
        "callbacks.promise_callback",
        "customers.add_customer",
        "customers.add_order",
        "goodwill.grant_goodwill",
    ],
}


def write(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    permission = apps.get_model("auth", "Permission")
    for label in ("agents", "customers", "goodwill", "callbacks"):
        config = apps.get_app_config(label)
        config.models_module = True  # the permissions of tables made a moment ago exist only after this
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
    for role, names in ADDED.items():
        held = group.objects.get(name=role)
        for name in names:
            label, codename = name.split(".")
            held.permissions.add(permission.objects.get(content_type__app_label=label, codename=codename))


class Migration(migrations.Migration):
    dependencies = [
        ("contactcenter", "0006_who_refunds"),
        ("agents", "0004_token_and_answer"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
