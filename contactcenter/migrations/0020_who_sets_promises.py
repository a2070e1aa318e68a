"""Supervisors set calendars and promises up, and look at their clocks and at what was told of them."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

LOOK = {
    "tickets": ["calendar", "hoursversion", "slapolicy", "clock", "clockfact"],
    "agents": ["notification"],
}
SET = ["add_calendar", "change_calendar", "add_slapolicy", "change_slapolicy"]


def write(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    permission = apps.get_model("auth", "Permission")
    for app, models in LOOK.items():
        config = apps.get_app_config(app)
        config.models_module = True  # the permissions of tables made a moment ago exist only after this
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
        names = [f"view_{model}" for model in models] + (SET if app == "tickets" else [])
        found = permission.objects.filter(content_type__app_label=app, codename__in=names)
        for role in ("administrator", "supervisor"):
            group.objects.get(name=role).permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [
        ("contactcenter", "0019_who_sees_referrals"),
        ("tickets", "0011_clocks_of_open_tickets"),
        ("agents", "0007_notifications"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
