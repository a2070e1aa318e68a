"""Who works on the desk may make and edit customers; supervisors look at what was changed."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

DESK = ["serve_customer"]
LOOK = ["view_customerchange", "view_changewords"]
PERMISSIONS = {"agent": DESK, "supervisor": [*DESK, *LOOK], "administrator": [*DESK, *LOOK]}


def write(apps, schema_editor):
    config = apps.get_app_config("customers")
    config.models_module = True  # the permissions of tables made a moment ago exist only after this
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    permission = apps.get_model("auth", "Permission")
    for role, codenames in PERMISSIONS.items():
        held = permission.objects.filter(content_type__app_label="customers", codename__in=codenames)
        apps.get_model("auth", "Group").objects.get(name=role).permissions.add(*held)


class Migration(migrations.Migration):
    dependencies = [
        ("contactcenter", "0003_pulse"),
        ("customers", "0006_find_and_edit_customers"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
