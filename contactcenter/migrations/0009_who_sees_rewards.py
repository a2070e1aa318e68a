"""Supervisors set up the catalogue of rewards, look at what was taken and at letters."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

NAMES = {
    "loyalty": ["view_reward", "view_redemption", "view_voucher", "add_reward", "change_reward"],
    "customers": ["view_notice"],
}


def write(apps, schema_editor):
    permission = apps.get_model("auth", "Permission")
    group = apps.get_model("auth", "Group")
    for label, names in NAMES.items():
        config = apps.get_app_config(label)
        config.models_module = True  # the permissions of tables made a moment ago exist only after this
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
        found = permission.objects.filter(content_type__app_label=label, codename__in=names)
        for role in ("supervisor", "administrator"):
            group.objects.get(name=role).permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [
        ("contactcenter", "0008_who_looks_at_tokens"),
        ("loyalty", "0008_rewards"),
        ("customers", "0012_notices"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
