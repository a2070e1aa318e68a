"""Agents are in states, with reasons and the time in each; a skill may be a language."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0008_search_language"),
    ]

    operations = [
        migrations.CreateModel(
            name="Presence",
            fields=[
                (
                    "agent",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="presence",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("available", "Available"),
                            ("busy", "Busy"),
                            ("away", "Away"),
                            ("offline", "Offline"),
                        ],
                        default="offline",
                        max_length=10,
                    ),
                ),
                ("since", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("was_lost", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="StateReason",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=20)),
                ("label", models.CharField(max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("available", "Available"),
                            ("busy", "Busy"),
                            ("away", "Away"),
                            ("offline", "Offline"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "counts_as_work",
                    models.BooleanField(default=True, help_text="Time in it is working time."),
                ),
                (
                    "rank",
                    models.PositiveSmallIntegerField(default=0, help_text="The lowest is offered first."),
                ),
                ("is_active", models.BooleanField(default=True, help_text="Is offered.")),
            ],
            options={
                "verbose_name": "reason of a state",
                "verbose_name_plural": "reasons of states",
                "ordering": ["rank", "label"],
            },
        ),
        migrations.CreateModel(
            name="Stretch",
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
                            ("available", "Available"),
                            ("busy", "Busy"),
                            ("away", "Away"),
                            ("offline", "Offline"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("chosen", "chosen"),
                            ("opened", "opened the desk"),
                            ("lost", "desk fell silent"),
                        ],
                        max_length=10,
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "time in a state",
                "verbose_name_plural": "times in states",
            },
        ),
        migrations.RemoveConstraint(
            model_name="agent",
            name="agents_agent_status_known",
        ),
        migrations.RemoveField(
            model_name="agent",
            name="status",
        ),
        migrations.AddField(
            model_name="skill",
            name="language",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Of a language, its code: de. Who has the skill answers customers of it.",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="statereason",
            name="brand",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="state_reasons", to="agents.brand"
            ),
        ),
        migrations.AddField(
            model_name="presence",
            name="reason",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.statereason",
            ),
        ),
        migrations.AddField(
            model_name="stretch",
            name="agent",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="stretches",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="stretch",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                help_text="Empty: the house.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="stretch",
            name="reason",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.statereason",
            ),
        ),
        migrations.AddConstraint(
            model_name="statereason",
            constraint=models.UniqueConstraint(
                fields=("brand", "code"),
                name="agents_statereason_code_once_a_brand",
                violation_error_message="This brand has a reason of that code.",
            ),
        ),
        migrations.AddConstraint(
            model_name="statereason",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["available", "busy", "away", "offline"])),
                name="agents_statereason_kind_known",
            ),
        ),
        migrations.AddIndex(
            model_name="presence",
            index=models.Index(
                condition=models.Q(("kind", "offline"), _negated=True),
                fields=["seen_at"],
                name="agents_presence_to_lose",
            ),
        ),
        migrations.AddConstraint(
            model_name="presence",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["available", "busy", "away", "offline"])),
                name="agents_presence_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="presence",
            constraint=models.CheckConstraint(
                condition=models.Q(("was_lost", False), ("kind", "offline"), _connector="OR"),
                name="agents_presence_lost_is_offline",
            ),
        ),
        migrations.AddIndex(
            model_name="stretch",
            index=models.Index(fields=["agent", "-started_at"], name="agents_stretch_of_agent"),
        ),
        migrations.AddConstraint(
            model_name="stretch",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("agent",), name="agents_stretch_one_running"
            ),
        ),
        migrations.AddConstraint(
            model_name="stretch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at", None), ("ended_at__gte", models.F("started_at")), _connector="OR"
                ),
                name="agents_stretch_runs_forward",
            ),
        ),
        migrations.AddConstraint(
            model_name="stretch",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["available", "busy", "away", "offline"])),
                name="agents_stretch_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="stretch",
            constraint=models.CheckConstraint(
                condition=models.Q(("cause__in", ["chosen", "opened", "lost"])),
                name="agents_stretch_cause_known",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stretch",
            trigger=pgtrigger.compiler.Trigger(
                name="ends_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF OLD.ended_at IS NOT NULL OR to_jsonb(NEW) - 'ended_at' <> to_jsonb(OLD) - 'ended_at' THEN RAISE EXCEPTION 'pgtrigger: Cannot update % table but for its end', TG_TABLE_NAME; END IF; RETURN NEW;",
                    hash="c05c577a2184bba780a1e26caadf4484384eeada",
                    operation="UPDATE",
                    pgid="pgtrigger_ends_once_67d3a",
                    table="agents_stretch",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stretch",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="85a7ac385d71f85a76abfbaa00eecd4e2aa61432",
                    operation="DELETE",
                    pgid="pgtrigger_append_only_84f04",
                    table="agents_stretch",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stretch",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;",
                    hash="4bd0336195fa22e9f3e1610c1a90ca132d5bccef",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_11da0",
                    table="agents_stretch",
                    when="BEFORE",
                ),
            ),
        ),
    ]
