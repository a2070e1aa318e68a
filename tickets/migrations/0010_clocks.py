"""Calendars, policies, and the clocks that count what they promise."""

import datetime

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import contactcenter.clock


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0006_who_issued_and_revoked"),
        ("loyalty", "0042_fewer_indexes"),
        ("tickets", "0009_queue_by_due"),
    ]

    operations = [
        migrations.CreateModel(
            name="Calendar",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("time_zone", models.CharField(default="UTC", max_length=40)),
                (
                    "country",
                    models.CharField(
                        blank=True,
                        help_text="Closed on the public holidays of this country (DE); empty for none.",
                        max_length=2,
                    ),
                ),
                (
                    "subdivision",
                    models.CharField(
                        blank=True,
                        help_text="Its state or region (BE), where holidays differ within the country.",
                        max_length=6,
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Clock",
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
                            ("first", "first answer"),
                            ("next", "next answer"),
                            ("resolution", "solution"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "turn",
                    models.PositiveIntegerField(
                        default=1, help_text="Which answer it counts: 1 for the first of its kind."
                    ),
                ),
                ("target", models.DurationField()),
                ("used", models.DurationField(default=datetime.timedelta)),
                ("started_at", models.DateTimeField()),
                ("since", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("next_at", models.DateTimeField(null=True)),
                ("warned_at", models.DateTimeField(null=True)),
                ("breached_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("seq", models.PositiveIntegerField(default=0, help_text="Of the last line of its log.")),
                (
                    "was_met",
                    models.BooleanField(default=False, help_text="Ended by what was promised; late or not."),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ClockFact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("started", "started"),
                            ("paused", "paused"),
                            ("resumed", "resumed"),
                            ("retargeted", "another promise holds"),
                            ("met", "kept"),
                            ("stopped", "stopped"),
                            ("warned", "warned of"),
                            ("breached", "late"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("target", models.DurationField()),
            ],
            options={
                "ordering": ["clock", "seq"],
            },
        ),
        migrations.CreateModel(
            name="HoursVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "rules",
                    models.JSONField(
                        help_text="zone; week: hours by weekday, Monday 0; country, subdivision; days: hours by date."
                    ),
                ),
                ("made_at", models.DateTimeField(default=contactcenter.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="Opening",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Monday"),
                            (1, "Tuesday"),
                            (2, "Wednesday"),
                            (3, "Thursday"),
                            (4, "Friday"),
                            (5, "Saturday"),
                            (6, "Sunday"),
                        ]
                    ),
                ),
                ("opens", models.TimeField()),
                ("closes", models.TimeField(help_text="00:00 to 00:00 is the whole day.")),
            ],
            options={
                "ordering": ["weekday", "opens"],
            },
        ),
        migrations.CreateModel(
            name="SlaPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("position", models.PositiveSmallIntegerField(help_text="The lowest is looked at first.")),
                ("is_active", models.BooleanField(default=True)),
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[(1, "Low"), (2, "Normal"), (3, "High"), (4, "Urgent")],
                        help_text="Empty: every priority.",
                        null=True,
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("mail", "e-mail"),
                            ("chat", "web chat"),
                            ("sms", "SMS"),
                            ("phone", "phone"),
                            ("social", "social"),
                            ("shop", "in the shop"),
                        ],
                        help_text="Empty: every channel.",
                        max_length=10,
                    ),
                ),
                (
                    "first_minutes",
                    models.PositiveIntegerField(help_text="Opening minutes until the first answer."),
                ),
                (
                    "next_minutes",
                    models.PositiveIntegerField(help_text="Opening minutes until every further answer."),
                ),
                (
                    "resolution_minutes",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Opening minutes until it is solved, our waiting for others left out.",
                        null=True,
                    ),
                ),
                (
                    "warn_percent",
                    models.PositiveSmallIntegerField(
                        default=75, help_text="Warn when so much of the time is used."
                    ),
                ),
                (
                    "raise_priority",
                    models.BooleanField(default=False, help_text="When late: one step more urgent."),
                ),
                (
                    "hand_back",
                    models.BooleanField(
                        default=False, help_text="When late: back from its agent to the queue."
                    ),
                ),
            ],
            options={
                "verbose_name": "SLA policy",
                "verbose_name_plural": "SLA policies",
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="SpecialDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("label", models.CharField(blank=True, max_length=80)),
                (
                    "opens",
                    models.TimeField(blank=True, help_text="Both times empty: closed all day.", null=True),
                ),
                ("closes", models.TimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["day", "opens"],
            },
        ),
        migrations.AddField(
            model_name="ticket",
            name="due_kind",
            field=models.CharField(blank=True, db_default="", default="", max_length=10),
        ),
        migrations.AddField(
            model_name="ticket",
            name="due_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="ticketevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opened", "opened"),
                    ("assigned", "assigned"),
                    ("status", "status changed"),
                    ("resolved", "resolved"),
                    ("reopened", "reopened"),
                    ("moved", "moved to another queue"),
                    ("priority", "priority changed"),
                    ("late", "a promise was not kept"),
                    ("goodwill", "goodwill given"),
                    ("callback", "callback"),
                ],
                max_length=20,
            ),
        ),
        migrations.RunSQL(
            "UPDATE tickets_queue SET reply_minutes = 1 WHERE reply_minutes = 0", migrations.RunSQL.noop
        ),
        migrations.AddConstraint(
            model_name="queue",
            constraint=models.CheckConstraint(
                condition=models.Q(("reply_minutes__gte", 1)),
                name="tickets_queue_gives_time",
                violation_error_message="Give at least a minute for an answer.",
            ),
        ),
        migrations.AddField(
            model_name="calendar",
            name="brand",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="calendars", to="agents.brand"
            ),
        ),
        migrations.AddField(
            model_name="clock",
            name="ticket",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="clocks",
                to="tickets.ticket",
            ),
        ),
        migrations.AddField(
            model_name="clockfact",
            name="clock",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="facts",
                to="tickets.clock",
            ),
        ),
        migrations.AddField(
            model_name="hoursversion",
            name="brand",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.brand"
            ),
        ),
        migrations.AddField(
            model_name="clockfact",
            name="hours",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.hoursversion",
            ),
        ),
        migrations.AddField(
            model_name="clock",
            name="hours",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.hoursversion",
            ),
        ),
        migrations.AddField(
            model_name="calendar",
            name="hours",
            field=models.ForeignKey(
                editable=False,
                help_text="What counts now; empty before the first publication.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.hoursversion",
            ),
        ),
        migrations.AddField(
            model_name="opening",
            name="calendar",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="openings", to="tickets.calendar"
            ),
        ),
        migrations.AddField(
            model_name="slapolicy",
            name="brand",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="sla_policies", to="agents.brand"
            ),
        ),
        migrations.AddField(
            model_name="slapolicy",
            name="calendar",
            field=models.ForeignKey(
                blank=True,
                help_text="Time counts while it is open; empty: around the clock.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.calendar",
            ),
        ),
        migrations.AddField(
            model_name="slapolicy",
            name="escalate_to",
            field=models.ForeignKey(
                blank=True,
                help_text="When late: on to this queue.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.queue",
            ),
        ),
        migrations.AddField(
            model_name="slapolicy",
            name="queue",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty: every queue.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.queue",
            ),
        ),
        migrations.AddField(
            model_name="slapolicy",
            name="tier_from",
            field=models.ForeignKey(
                blank=True,
                help_text="Customers of this tier or a better one; empty: everybody.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="loyalty.tier",
            ),
        ),
        migrations.AddField(
            model_name="clock",
            name="policy",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.slapolicy",
            ),
        ),
        migrations.AddField(
            model_name="specialday",
            name="calendar",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="special_days",
                to="tickets.calendar",
            ),
        ),
        migrations.AddConstraint(
            model_name="hoursversion",
            constraint=models.UniqueConstraint(
                fields=("id", "brand"), name="tickets_hoursversion_of_its_brand"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="hoursversion",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="8e5d76d103b22fe28528500ff8fdd91bf986e69f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_5b2e8",
                    table="tickets_hoursversion",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="hoursversion",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;",
                    hash="4cd7440f95a0bcf91ae75940cb957e4a062efcf0",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_a3261",
                    table="tickets_hoursversion",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="clockfact",
            constraint=models.UniqueConstraint(fields=("clock", "seq"), name="tickets_clockfact_seq_once"),
        ),
        migrations.AddConstraint(
            model_name="clockfact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "started",
                            "paused",
                            "resumed",
                            "retargeted",
                            "met",
                            "stopped",
                            "warned",
                            "breached",
                        ],
                    )
                ),
                name="tickets_clockfact_kind_known",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="clockfact",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a171d68c0a27dcd69102a2b77bb80743647a8f39",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_db137",
                    table="tickets_clockfact",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="clockfact",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;",
                    hash="f3e34028d6c3afdfe275a401de87706df57a081a",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_801e8",
                    table="tickets_clockfact",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="calendar",
            constraint=models.UniqueConstraint(
                fields=("brand", "name"),
                name="tickets_calendar_name_once_a_brand",
                violation_error_message="This brand has a calendar of that name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="calendar",
            constraint=models.UniqueConstraint(fields=("id", "brand"), name="tickets_calendar_of_its_brand"),
        ),
        migrations.AddConstraint(
            model_name="opening",
            constraint=models.UniqueConstraint(
                fields=("calendar", "weekday", "opens"), name="tickets_opening_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="opening",
            constraint=models.CheckConstraint(
                condition=models.Q(("weekday__lte", 6)), name="tickets_opening_weekday_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="slapolicy",
            constraint=models.UniqueConstraint(
                fields=("brand", "position"), name="tickets_slapolicy_position_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="slapolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("warn_percent__gte", 1), ("warn_percent__lte", 99)),
                name="tickets_slapolicy_warns_before",
            ),
        ),
        migrations.AddConstraint(
            model_name="slapolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("first_minutes__gte", 1),
                    ("next_minutes__gte", 1),
                    models.Q(("resolution_minutes", None), ("resolution_minutes__gte", 1), _connector="OR"),
                ),
                name="tickets_slapolicy_gives_time",
            ),
        ),
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(
                condition=models.Q(("next_at__isnull", False)),
                fields=["next_at", "id"],
                name="tickets_clock_to_tell",
            ),
        ),
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(
                condition=models.Q(("breached_at__isnull", False)),
                fields=["breached_at"],
                name="tickets_clock_late",
            ),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.UniqueConstraint(fields=("ticket", "kind"), name="tickets_clock_one_of_a_kind"),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None), ("kind__in", ["first", "next"])),
                fields=("ticket",),
                name="tickets_clock_one_answer_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["first", "next", "resolution"])),
                name="tickets_clock_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("target__gt", datetime.timedelta(0)), ("used__gte", datetime.timedelta(0))
                ),
                name="tickets_clock_counts_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at", None), models.Q(("due_at", None), ("next_at", None)), _connector="OR"
                ),
                name="tickets_clock_ended_stands",
            ),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.CheckConstraint(
                condition=models.Q(("next_at", None), ("due_at__isnull", False), _connector="OR"),
                name="tickets_clock_looked_at_while_running",
            ),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.CheckConstraint(
                condition=models.Q(("was_met", False), ("ended_at__isnull", False), _connector="OR"),
                name="tickets_clock_met_is_ended",
            ),
        ),
        migrations.AddConstraint(
            model_name="specialday",
            constraint=models.UniqueConstraint(
                fields=("calendar", "day", "opens"), name="tickets_specialday_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="specialday",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closes__isnull", True), ("opens__isnull", True)),
                    models.Q(("closes__isnull", False), ("opens__isnull", False)),
                    _connector="OR",
                ),
                name="tickets_specialday_both_or_neither",
                violation_error_message="Give both times, or none for a day that is closed.",
            ),
        ),
    ]
