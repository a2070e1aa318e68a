"""Points are held for a while, corrections wait for a second person, accounts are frozen and merged."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


def same(what: str, table: str, column: str, parent: str) -> migrations.RunSQL:
    """A key over (`column`, `what`_id): the row and its `parent` are of one `what`, the database sees to it."""
    name = f"{table}_{column}_of_one_{what}"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}, {what}_id) "
        f"REFERENCES {parent} (id, {what}_id) DEFERRABLE INITIALLY IMMEDIATE",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0006_who_issued_and_revoked"),
        ("customers", "0011_find_removed_addresses"),
        ("loyalty", "0008_figures_of_numbers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("frozen", "frozen"),
                            ("unfrozen", "unfrozen"),
                            ("merged", "merged into another"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, help_text="A code, never free text.", max_length=40)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Adjustment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("points", models.IntegerField(help_text="To give; with a minus, to take.")),
                ("reason", models.CharField(help_text="A code, never free text.", max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[("asked", "asked"), ("approved", "approved"), ("declined", "declined")],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("key", models.CharField(max_length=80, unique=True)),
                ("request_hash", models.CharField(max_length=64)),
                ("asked_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("points", models.IntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("captured", "captured"),
                            ("released", "released"),
                            ("expired", "expired"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("key", models.CharField(max_length=80, unique=True)),
                ("request_hash", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("source", models.CharField(blank=True, max_length=80)),
                ("reason", models.CharField(blank=True, help_text="A code, never free text.", max_length=40)),
            ],
        ),
        migrations.AlterModelOptions(
            name="account",
            options={
                "permissions": [
                    ("redeem_points", "Can spend points for a customer"),
                    ("adjust_points", "Can adjust points by hand"),
                    ("transfer_points", "Can move points between accounts"),
                    ("freeze_account", "Can freeze accounts"),
                ]
            },
        ),
        migrations.AddField(
            model_name="account",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                help_text="Who has its points now.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="loyalty.account",
            ),
        ),
        migrations.AddField(
            model_name="lot",
            name="origin",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="heirs",
                to="loyalty.lot",
            ),
        ),
        migrations.AddField(
            model_name="programme",
            name="adjust_limit",
            field=models.PositiveIntegerField(
                default=10000,
                help_text="A supervisor adjusts up to so many points alone; above, a second person agrees.",
            ),
        ),
        migrations.AddField(
            model_name="programme",
            name="adjust_limit_administrator",
            field=models.PositiveIntegerField(default=100000, help_text="The same for an administrator."),
        ),
        migrations.AddField(
            model_name="programme",
            name="restore_grace_days",
            field=models.PositiveIntegerField(
                default=30,
                help_text="Points of a spend that is undone after they expired live so long again.",
            ),
        ),
        migrations.AlterField(
            model_name="lot",
            name="entry",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lots",
                to="loyalty.entry",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("merged_into__isnull", False), ("status", "merged")),
                    models.Q(models.Q(("status", "merged"), _negated=True), ("merged_into__isnull", True)),
                    _connector="OR",
                ),
                name="loyalty_account_merged_names_heir",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into__isnull", True),
                    models.Q(("merged_into", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="loyalty_account_merged_into_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="lot",
            constraint=models.UniqueConstraint(
                fields=("entry", "origin"), name="loyalty_lot_once_an_entry", nulls_distinct=False
            ),
        ),
        migrations.AddField(
            model_name="accountevent",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="events", to="loyalty.account"
            ),
        ),
        migrations.AddField(
            model_name="accountevent",
            name="actor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="accountevent",
            name="brand",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.brand"
            ),
        ),
        migrations.AddField(
            model_name="adjustment",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="adjustments", to="loyalty.account"
            ),
        ),
        migrations.AddField(
            model_name="adjustment",
            name="approver",
            field=models.ForeignKey(
                blank=True,
                help_text="Who approved or declined.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="adjustment",
            name="entry",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="adjustment",
                to="loyalty.entry",
            ),
        ),
        migrations.AddField(
            model_name="adjustment",
            name="requester",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="loyalty.account"
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="actor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="ended_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="entry",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="hold",
                to="loyalty.entry",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["frozen", "unfrozen", "merged"])),
                name="loyalty_accountevent_kind_known",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="accountevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="643977e5f0a9be64bdf2640732406c3af51f6390",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_6001b",
                    table="loyalty_accountevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="accountevent",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;",
                    hash="9aefaf48820338ca239009429871e1839fe9d6bc",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_29045",
                    table="loyalty_accountevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(("points", 0), _negated=True), name="loyalty_adjustment_moves_points"
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["asked", "approved", "declined"])),
                name="loyalty_adjustment_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approver__isnull", True),
                    models.Q(("approver", models.F("requester")), _negated=True),
                    _connector="OR",
                ),
                name="loyalty_adjustment_takes_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approver__isnull", True), ("decided_at__isnull", True), ("state", "asked")),
                    models.Q(
                        models.Q(("state", "asked"), _negated=True),
                        ("approver__isnull", False),
                        ("decided_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="loyalty_adjustment_decided_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("entry__isnull", False), ("state", "approved")),
                    models.Q(models.Q(("state", "approved"), _negated=True), ("entry__isnull", True)),
                    _connector="OR",
                ),
                name="loyalty_adjustment_approved_has_entry",
            ),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(
                condition=models.Q(("state", "open")),
                fields=["expires_at", "account"],
                name="loyalty_hold_open_by_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(("points__gt", 0)), name="loyalty_hold_reserves_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "captured", "released", "expired"])),
                name="loyalty_hold_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("made_at"))), name="loyalty_hold_runs"
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("state", "open")),
                    models.Q(models.Q(("state", "open"), _negated=True), ("ended_at__isnull", False)),
                    _connector="OR",
                ),
                name="loyalty_hold_ended_when_over",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("entry__isnull", False), ("state", "captured")),
                    models.Q(models.Q(("state", "captured"), _negated=True), ("entry__isnull", True)),
                    _connector="OR",
                ),
                name="loyalty_hold_captured_has_entry",
            ),
        ),
        same("brand", "loyalty_account", "merged_into_id", "loyalty_account"),
        same("brand", "loyalty_accountevent", "account_id", "loyalty_account"),
        same("account", "loyalty_hold", "entry_id", "loyalty_entry"),
        same("account", "loyalty_adjustment", "entry_id", "loyalty_entry"),
    ]
