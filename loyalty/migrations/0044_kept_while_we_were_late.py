"""Points and tiers that ran out while a ticket waited on us are kept for as long as it waited."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0008_search_language"),
        ("loyalty", "0043_fewer_statements"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LotExtension",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=80)),
                ("waited", models.DurationField(help_text="How long the customer waited on us.")),
                ("first_until", models.DateTimeField()),
                ("was_until", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("points", models.IntegerField(default=0, help_text="That had expired and came back.")),
                ("seq", models.PositiveIntegerField()),
                (
                    "key",
                    models.CharField(
                        help_text="Makes a repeated request harmless.", max_length=80, unique=True
                    ),
                ),
                ("request_hash", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="entry",
            name="loyalty_entry_contra_fits_kind",
        ),
        migrations.RemoveConstraint(
            model_name="tierfloor",
            name="loyalty_tierfloor_manual_has_reason",
        ),
        migrations.AddField(
            model_name="programme",
            name="delay_days",
            field=models.PositiveSmallIntegerField(
                db_default=30,
                default=30,
                help_text="Points that end while a ticket waits on us live so many days longer at most; 0: they end all the same.",
            ),
        ),
        migrations.AlterField(
            model_name="tierchange",
            name="cause",
            field=models.CharField(
                choices=[
                    ("earned", "reached"),
                    ("late_order", "reached by a late order"),
                    ("kept", "kept"),
                    ("lapsed", "not earned again"),
                    ("refund", "money given back"),
                    ("reversal", "points taken back"),
                    ("manual", "set by hand"),
                    ("merge", "accounts merged"),
                    ("unmerge", "merge undone"),
                    ("version", "a new version of the tiers"),
                    ("delay", "we answered late"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="tierfloor",
            name="cause",
            field=models.CharField(
                choices=[
                    ("manual", "set by hand"),
                    ("merge", "accounts merged"),
                    ("delay", "we answered late"),
                ],
                max_length=6,
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("contra__startswith", "issue."), ("kind", "earn")),
                    models.Q(("contra__startswith", "redeem."), ("kind", "redeem")),
                    models.Q(("contra", models.F("kind")), ("kind__in", ["expire", "adjust", "transfer"])),
                    models.Q(
                        ("kind", "reverse"),
                        models.Q(
                            ("contra__startswith", "issue."),
                            ("contra__startswith", "redeem."),
                            models.Q(("contra", "expire"), ("points__gt", 0)),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="loyalty_entry_contra_fits_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="programme",
            constraint=models.CheckConstraint(
                condition=models.Q(("delay_days__lte", 366)),
                name="loyalty_programme_delay_is_bounded",
                violation_error_message="A year at most.",
            ),
        ),
        migrations.AddConstraint(
            model_name="tierfloor",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cause__in", ["merge", "delay"]),
                    models.Q(("set_by__isnull", False), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="loyalty_tierfloor_manual_has_reason",
            ),
        ),
        migrations.AddField(
            model_name="lotextension",
            name="lot",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="extensions",
                to="loyalty.lot",
            ),
        ),
        migrations.AddConstraint(
            model_name="lotextension",
            constraint=models.UniqueConstraint(
                fields=("lot", "source"), name="loyalty_lotextension_once_a_source"
            ),
        ),
        migrations.AddConstraint(
            model_name="lotextension",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until__gt", models.F("was_until")), ("was_until__gte", models.F("first_until"))
                ),
                name="loyalty_lotextension_is_later",
            ),
        ),
        migrations.AddConstraint(
            model_name="lotextension",
            constraint=models.CheckConstraint(
                condition=models.Q(("points__gte", 0)), name="loyalty_lotextension_gives"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lotextension",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="4fb3c4baadff30383a7613d8118265092651e09d",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_2b001",
                    table="loyalty_lotextension",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lotextension",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;",
                    hash="208255df9e99fbaa11bbd4f138f317625d891030",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_72071",
                    table="loyalty_lotextension",
                    when="BEFORE",
                ),
            ),
        ),
    ]
