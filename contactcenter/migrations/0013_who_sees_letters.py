"""Supervisors look at the letters that were written and what became of them."""

from django.contrib.auth.management import create_permissions
from django.db import migrations


def write(apps, schema_editor):
    config = apps.get_app_config("customers")
    config.models_module = True  # the permissions of tables made a moment ago exist only after this
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    found = apps.get_model("auth", "Permission").objects.get(
        content_type__app_label="customers", codename="view_notice"
    )
    for role in ("supervisor", "administrator"):
        apps.get_model("auth", "Group").objects.get(name=role).permissions.add(found)


class Migration(migrations.Migration):
    dependencies = [("contactcenter", "0012_who_sets_rules"), ("customers", "0013_notices")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
