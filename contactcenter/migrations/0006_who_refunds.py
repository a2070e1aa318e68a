"""Who gives money of an order back, and who looks at it (agents/roles.py has the same; a test compares them)."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

LOOK = ["view_orderrefund", "view_orderlinerefund"]
ADDED = {
    "supervisor": ["refund_order", *LOOK],
    "administrator": ["refund_order", *LOOK],
    "integration": ["refund_order"],
}


def write(apps, schema_editor):
    config = apps.get_app_config("customers")
    config.models_module = True  # the permissions of tables made a moment ago exist only after this
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    permission = apps.get_model("auth", "Permission")
    for role, names in ADDED.items():
        held = apps.get_model("auth", "Group").objects.get(name=role)
        for name in names:
            held.permissions.add(permission.objects.get(content_type__app_label="customers", codename=name))


class Migration(migrations.Migration):
    dependencies = [("contactcenter", "0005_who_exports"), ("customers", "0008_refunds")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
