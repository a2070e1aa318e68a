"""Supervisors set what callers are asked, and look at what was found out and at what was kept for late answers."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

LOOK = {
    "customers": ["verificationpolicy", "verification", "sentcode"],
    "loyalty": ["lotextension"],
}
SET = ["add_verificationpolicy", "change_verificationpolicy"]


def write(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    permission = apps.get_model("auth", "Permission")
    for app, models in LOOK.items():
        config = apps.get_app_config(app)
        config.models_module = True  # the permissions of tables made a moment ago exist only after this
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
        names = [f"view_{model}" for model in models] + (SET if app == "customers" else [])
        found = permission.objects.filter(content_type__app_label=app, codename__in=names)
        for role in ("administrator", "supervisor"):
            group.objects.get(name=role).permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [
        ("contactcenter", "0040_who_sends_outward"),
        ("customers", "0043_who_asks"),
        ("loyalty", "0044_kept_while_we_were_late"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
