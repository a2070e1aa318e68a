"""Who looks at the rules of earning, and who sets them (agents/roles.py has the same; a test compares them)."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

TABLES = ["earningrule", "ruleversion", "campaign"]
VERBS = {"supervisor": ["view"], "administrator": ["view", "add", "change"]}


def write(apps, schema_editor):
    config = apps.get_app_config("loyalty")
    config.models_module = True  # the permissions of tables made a moment ago exist only after this
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    permission = apps.get_model("auth", "Permission")
    for role, verbs in VERBS.items():
        held = apps.get_model("auth", "Group").objects.get(name=role)
        names = [f"{verb}_{table}" for verb in verbs for table in TABLES]
        held.permissions.add(
            *permission.objects.filter(content_type__app_label="loyalty", codename__in=names)
        )


class Migration(migrations.Migration):
    dependencies = [("contactcenter", "0011_who_looks_at_proofs"), ("loyalty", "0015_no_rate")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
