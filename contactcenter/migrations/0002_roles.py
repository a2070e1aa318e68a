"""The roles as groups, with what each may do (agents/roles.py has the same table; a test compares them)."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

PERMISSIONS = {
    "administrator": [
        "agents.add_agent",
        "agents.add_brand",
        "agents.add_skill",
        "agents.add_team",
        "agents.change_agent",
        "agents.change_brand",
        "agents.change_skill",
        "agents.change_team",
        "agents.view_agent",
        "agents.view_brand",
        "agents.view_skill",
        "agents.view_team",
        "callbacks.promise_callback",
        "callbacks.view_attempt",
        "callbacks.view_callback",
        "customers.view_consent",
        "customers.view_contactpoint",
        "customers.view_customer",
        "customers.view_order",
        "customers.view_orderline",
        "goodwill.add_policy",
        "goodwill.add_reason",
        "goodwill.change_policy",
        "goodwill.change_reason",
        "goodwill.grant_goodwill",
        "goodwill.view_policy",
        "goodwill.view_reason",
        "goodwill.view_request",
        "loyalty.add_programme",
        "loyalty.add_tier",
        "loyalty.adjust_points",
        "loyalty.change_programme",
        "loyalty.change_tier",
        "loyalty.redeem_points",
        "loyalty.view_account",
        "loyalty.view_entry",
        "loyalty.view_lot",
        "loyalty.view_lotuse",
        "loyalty.view_programme",
        "loyalty.view_tier",
        "tickets.add_queue",
        "tickets.change_queue",
        "tickets.view_attachment",
        "tickets.view_inboundmail",
        "tickets.view_message",
        "tickets.view_queue",
        "tickets.view_ticket",
        "tickets.view_ticketevent",
        "tickets.work_ticket",
    ],
    "agent": [
        "callbacks.promise_callback",
        "goodwill.grant_goodwill",
        "loyalty.redeem_points",
        "tickets.work_ticket",
    ],
    "integration": ["tickets.work_ticket"],
    "supervisor": [
        "agents.add_skill",
        "agents.add_team",
        "agents.change_skill",
        "agents.change_team",
        "agents.view_agent",
        "agents.view_brand",
        "agents.view_skill",
        "agents.view_team",
        "callbacks.promise_callback",
        "callbacks.view_attempt",
        "callbacks.view_callback",
        "customers.view_consent",
        "customers.view_contactpoint",
        "customers.view_customer",
        "customers.view_order",
        "customers.view_orderline",
        "goodwill.add_reason",
        "goodwill.change_reason",
        "goodwill.grant_goodwill",
        "goodwill.view_policy",
        "goodwill.view_reason",
        "goodwill.view_request",
        "loyalty.adjust_points",
        "loyalty.redeem_points",
        "loyalty.view_account",
        "loyalty.view_entry",
        "loyalty.view_lot",
        "loyalty.view_lotuse",
        "loyalty.view_programme",
        "loyalty.view_tier",
        "tickets.add_queue",
        "tickets.change_queue",
        "tickets.view_attachment",
        "tickets.view_inboundmail",
        "tickets.view_message",
        "tickets.view_queue",
        "tickets.view_ticket",
        "tickets.view_ticketevent",
        "tickets.work_ticket",
    ],
}


def write(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    permission = apps.get_model("auth", "Permission")
    for label in ("agents", "customers", "loyalty", "tickets", "goodwill", "callbacks"):
        config = apps.get_app_config(label)
        config.models_module = True  # the permissions of tables made a moment ago exist only after this
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
    for role, names in PERMISSIONS.items():
        held = group.objects.get_or_create(name=role)[0]
        for name in names:
            label, codename = name.split(".")
            held.permissions.add(permission.objects.get(content_type__app_label=label, codename=codename))


class Migration(migrations.Migration):
    dependencies = [
        ("contactcenter", "0001_cache_table"),
        ("agents", "0001_initial"),
        ("customers", "0001_initial"),
        ("loyalty", "0001_initial"),
        ("tickets", "0001_initial"),
        ("goodwill", "0001_initial"),
        ("callbacks", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
