"""Supervisors look at the versions and the history of tiers and set one by hand; administrators draft and publish."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

LOOK = [
    "loyalty.view_benefit",
    "loyalty.view_benefituse",
    "loyalty.view_criterion",
    "loyalty.view_tierchange",
    "loyalty.view_tierfloor",
    "loyalty.view_tierset",
]
ADDED = {
    "administrator": [
        *LOOK,
        "loyalty.set_tier",
        "loyalty.add_benefit",
        "loyalty.add_criterion",
        "loyalty.add_tierset",
        "loyalty.change_benefit",
        "loyalty.change_criterion",
        "loyalty.change_tierset",
    ],
    "supervisor": [*LOOK, "loyalty.set_tier"],
}


def write(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    permission = apps.get_model("auth", "Permission")
    config = apps.get_app_config("loyalty")
    config.models_module = True  # the permissions of tables made a moment ago exist only after this
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    for role, names in ADDED.items():
        found = [
            permission.objects.get(content_type__app_label=label, codename=codename)
            for label, codename in (name.split(".") for name in names)
        ]
        group.objects.get(name=role).permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [
        ("contactcenter", "0014_who_sees_pending_points"),
        ("loyalty", "0024_tier_benefits"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
