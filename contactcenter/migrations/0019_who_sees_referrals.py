"""Supervisors look at who brought whom, and at the months whose statements are sent."""

from django.contrib.auth.management import create_permissions
from django.db import migrations


def write(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    permission = apps.get_model("auth", "Permission")
    config = apps.get_app_config("loyalty")
    config.models_module = True  # the permissions of tables made a moment ago exist only after this
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    for codename in ("view_referral", "view_statementrun"):
        found = permission.objects.get(content_type__app_label="loyalty", codename=codename)
        for role in ("administrator", "supervisor"):
            group.objects.get(name=role).permissions.add(found)


class Migration(migrations.Migration):
    dependencies = [
        ("contactcenter", "0016_who_takes_in_vouchers"),
        ("loyalty", "0034_statement_runs"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
