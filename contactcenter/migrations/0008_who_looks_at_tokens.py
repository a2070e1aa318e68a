"""Supervisors look at tokens and kept answers; machines make customers under the right that people have."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

ADDED = {
    "administrator": ["agents.view_answer"],
    "integration": ["customers.serve_customer"],
    "supervisor": ["agents.view_answer", "agents.view_token"],
}
TAKEN = {"administrator": ["customers.add_customer"], "integration": ["customers.add_customer"]}


def write(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    permission = apps.get_model("auth", "Permission")

    def named(name):
        label, codename = name.split(".")
        return permission.objects.get(content_type__app_label=label, codename=codename)

    for label in ("agents", "customers"):
        config = apps.get_app_config(label)
        config.models_module = True  # the permissions of tables made a moment ago exist only after this
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
    for role, names in ADDED.items():
        group.objects.get(name=role).permissions.add(*map(named, names))
    for role, names in TAKEN.items():
        group.objects.get(name=role).permissions.remove(*map(named, names))


class Migration(migrations.Migration):
    dependencies = [("contactcenter", "0007_roles_of_the_api")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
