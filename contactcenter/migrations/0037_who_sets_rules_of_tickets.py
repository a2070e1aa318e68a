"""Supervisors set rules and macros up, and look at what the rules did."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

LOOK = ["view_rule", "view_ruleversion", "view_rulerun", "view_macro"]
SET = ["add_rule", "change_rule", "add_macro", "change_macro"]


def write(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    permission = apps.get_model("auth", "Permission")
    config = apps.get_app_config("tickets")
    config.models_module = True  # the permissions of tables made a moment ago exist only after this
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    found = permission.objects.filter(content_type__app_label="tickets", codename__in=LOOK + SET)
    for role in ("administrator", "supervisor"):
        group.objects.get(name=role).permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [
        ("contactcenter", "0034_who_routes"),
        ("tickets", "0037_rules"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
