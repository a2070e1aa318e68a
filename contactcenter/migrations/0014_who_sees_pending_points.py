"""Who looks at pending points (agents/roles.py has the same; a test compares them)."""

from django.contrib.auth.management import create_permissions
from django.db import migrations


def write(apps, schema_editor):
    config = apps.get_app_config("loyalty")
    config.models_module = True  # the permissions of tables made a moment ago exist only after this
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    look = apps.get_model("auth", "Permission").objects.get(
        content_type__app_label="loyalty", codename="view_pendinggrant"
    )
    for role in ("supervisor", "administrator"):
        apps.get_model("auth", "Group").objects.get(name=role).permissions.add(look)


class Migration(migrations.Migration):
    dependencies = [("contactcenter", "0013_who_sees_letters"), ("loyalty", "0020_pending_points")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
