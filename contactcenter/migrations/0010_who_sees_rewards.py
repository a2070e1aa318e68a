"""Supervisors set up the catalogue of rewards and look at what was taken."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

NAMES = ["view_reward", "view_redemption", "view_voucher", "add_reward", "change_reward"]


def write(apps, schema_editor):
    config = apps.get_app_config("loyalty")
    config.models_module = True  # the permissions of tables made a moment ago exist only after this
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    permission = apps.get_model("auth", "Permission")
    for role in ("supervisor", "administrator"):
        held = apps.get_model("auth", "Group").objects.get(name=role)
        held.permissions.add(
            *permission.objects.filter(content_type__app_label="loyalty", codename__in=NAMES)
        )


class Migration(migrations.Migration):
    dependencies = [("contactcenter", "0009_who_moves_points"), ("loyalty", "0010_rewards")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
