"""Supervisors and administrators set up how callbacks are kept, and move and hand over those of others."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

SEEN = ["callbackevent", "callbackpolicy", "quiethours", "retryrule", "followup", "contacthours", "line"]
SET_UP = ["callbackpolicy", "quiethours", "retryrule", "followup", "line"]
NAMES = [
    "direct_callback",
    *(f"view_{name}" for name in SEEN),
    *(f"{verb}_{name}" for name in SET_UP for verb in ("add", "change")),
]


def write(apps, schema_editor):
    config = apps.get_app_config("callbacks")
    config.models_module = True  # the permissions of tables made a moment ago exist only after this
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    found = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="callbacks", codename__in=NAMES
    )
    for role in ("administrator", "supervisor"):
        apps.get_model("auth", "Group").objects.get(name=role).permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [
        ("contactcenter", "0049_who_sees_findings"),
        ("callbacks", "0008_whole_life"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
