"""Who sets up the reasons of goodwill writes their sentences in other languages too; everybody else reads them."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

VIEW, WRITE = ["view_reasonsentence"], ["add_reasonsentence", "change_reasonsentence"]


def write(apps, schema_editor):
    config = apps.get_app_config("goodwill")
    config.models_module = True  # the permissions of tables made a moment ago exist only after this
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    of_goodwill = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="goodwill")
    for role in ("administrator", "supervisor"):
        group = apps.get_model("auth", "Group").objects.get(name=role)
        group.permissions.add(*of_goodwill.filter(codename__in=VIEW + WRITE))


class Migration(migrations.Migration):
    dependencies = [
        ("contactcenter", "0044_who_agrees_to_goodwill"),
        ("goodwill", "0008_reasons_and_suggestions"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
