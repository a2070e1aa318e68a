"""Rules with their versions, occasions and runs; macros; who wrote a message when no person did."""

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import contactcenter.clock


def same(column: str, other: str, table: str, parent: str) -> migrations.RunSQL:
    """A key over (`column`, `other`): the row and its `parent` have the same `other`, the database sees to it."""
    shared = "rule_id" if other == "id" else other  # a rule has itself in common with its versions
    name = f"{table}_{column}_of_one_{shared.removesuffix('_id')}"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} "
        f"FOREIGN KEY ({column}, {other}) REFERENCES {parent} (id, {shared}) DEFERRABLE INITIALLY IMMEDIATE",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0008_search_language"),
        ("customers", "0028_fewer_indexes"),
        ("tickets", "0034_routing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Macro",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=80)),
                (
                    "shortcut",
                    models.SlugField(
                        blank=True, help_text="What an agent types after / to have it first.", max_length=20
                    ),
                ),
                (
                    "text",
                    models.TextField(blank=True, help_text="What the customer reads.", max_length=10000),
                ),
                ("actions", models.JSONField(blank=True, default=list)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "used",
                    models.PositiveIntegerField(
                        default=0, editable=False, help_text="How often it was sent."
                    ),
                ),
            ],
            options={
                "ordering": ["title"],
            },
        ),
        migrations.CreateModel(
            name="Occasion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "event",
                    models.CharField(
                        choices=[
                            ("opened", "a ticket is opened"),
                            ("heard", "the customer writes"),
                            ("answered", "we write to the customer"),
                            ("assigned", "a ticket is assigned or handed back"),
                            ("status", "a status changes"),
                            ("resolved", "a ticket is resolved"),
                            ("reopened", "a ticket is reopened"),
                            ("moved", "a ticket goes to another queue"),
                            ("late", "a promise of time is broken"),
                            ("priority", "a priority changes"),
                            ("type", "a type changes"),
                            ("tagged", "a tag is put on"),
                            ("untagged", "a tag is taken off"),
                            ("woken", "a ticket is back from being put off"),
                            ("goodwill", "goodwill is given"),
                            ("callback", "a callback is promised, kept or moved"),
                            ("time", "time goes by"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("depth", models.PositiveSmallIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Rule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                (
                    "position",
                    models.PositiveSmallIntegerField(default=10, help_text="The lowest is looked at first."),
                ),
                ("is_active", models.BooleanField(default=False)),
                (
                    "event",
                    models.CharField(
                        choices=[
                            ("opened", "a ticket is opened"),
                            ("heard", "the customer writes"),
                            ("answered", "we write to the customer"),
                            ("assigned", "a ticket is assigned or handed back"),
                            ("status", "a status changes"),
                            ("resolved", "a ticket is resolved"),
                            ("reopened", "a ticket is reopened"),
                            ("moved", "a ticket goes to another queue"),
                            ("late", "a promise of time is broken"),
                            ("priority", "a priority changes"),
                            ("type", "a type changes"),
                            ("tagged", "a tag is put on"),
                            ("untagged", "a tag is taken off"),
                            ("woken", "a ticket is back from being put off"),
                            ("goodwill", "goodwill is given"),
                            ("callback", "a callback is promised, kept or moved"),
                            ("time", "time goes by"),
                        ],
                        default="opened",
                        help_text="When it looks.",
                        max_length=10,
                        verbose_name="when",
                    ),
                ),
                ("conditions", models.JSONField(blank=True, default=dict)),
                ("actions", models.JSONField(blank=True, default=list)),
                (
                    "stop",
                    models.BooleanField(
                        default=False, help_text="Where it was done, no rule after it looks."
                    ),
                ),
                (
                    "swept_to",
                    models.BigIntegerField(
                        default=0,
                        editable=False,
                        help_text="The ticket up to which the clock has looked; 0: all of them.",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="RuleRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "event",
                    models.CharField(
                        choices=[
                            ("opened", "a ticket is opened"),
                            ("heard", "the customer writes"),
                            ("answered", "we write to the customer"),
                            ("assigned", "a ticket is assigned or handed back"),
                            ("status", "a status changes"),
                            ("resolved", "a ticket is resolved"),
                            ("reopened", "a ticket is reopened"),
                            ("moved", "a ticket goes to another queue"),
                            ("late", "a promise of time is broken"),
                            ("priority", "a priority changes"),
                            ("type", "a type changes"),
                            ("tagged", "a tag is put on"),
                            ("untagged", "a tag is taken off"),
                            ("woken", "a ticket is back from being put off"),
                            ("goodwill", "goodwill is given"),
                            ("callback", "a callback is promised, kept or moved"),
                            ("time", "time goes by"),
                        ],
                        max_length=10,
                    ),
                ),
                ("key", models.CharField(max_length=60)),
                ("at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[("done", "done"), ("refused", "refused"), ("fused", "stopped by the fuse")],
                        max_length=8,
                    ),
                ),
                ("sentence", models.CharField(blank=True, help_text="Why it was refused.", max_length=500)),
                ("depth", models.PositiveSmallIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="RuleVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "event",
                    models.CharField(
                        choices=[
                            ("opened", "a ticket is opened"),
                            ("heard", "the customer writes"),
                            ("answered", "we write to the customer"),
                            ("assigned", "a ticket is assigned or handed back"),
                            ("status", "a status changes"),
                            ("resolved", "a ticket is resolved"),
                            ("reopened", "a ticket is reopened"),
                            ("moved", "a ticket goes to another queue"),
                            ("late", "a promise of time is broken"),
                            ("priority", "a priority changes"),
                            ("type", "a type changes"),
                            ("tagged", "a tag is put on"),
                            ("untagged", "a tag is taken off"),
                            ("woken", "a ticket is back from being put off"),
                            ("goodwill", "goodwill is given"),
                            ("callback", "a callback is promised, kept or moved"),
                            ("time", "time goes by"),
                        ],
                        max_length=10,
                    ),
                ),
                ("conditions", models.JSONField()),
                ("actions", models.JSONField()),
                ("stop", models.BooleanField()),
                ("made_at", models.DateTimeField(default=contactcenter.clock.now)),
            ],
            options={
                "ordering": ["-number"],
            },
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("is_open", True)),
                fields=["brand", "id"],
                name="tickets_ticket_open_in_turn",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="message",
            trigger=pgtrigger.compiler.Trigger(
                name="occasions",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nINSERT INTO tickets_occasion (brand_id, ticket_id, event, at, depth)\nSELECT DISTINCT r.brand_id, a.ticket_id, v.event, a.at, coalesce(nullif(current_setting('tickets.rule_depth', true), ''), '0')::int\nFROM (SELECT ticket_id, CASE kind WHEN 'inbound' THEN 'heard' WHEN 'outbound' THEN 'answered' END AS event, created_at AS at FROM added) a\nJOIN tickets_ticket t ON t.id = a.ticket_id\nJOIN tickets_rule r ON r.brand_id = t.brand_id AND r.is_active\nJOIN tickets_ruleversion v ON v.id = r.live_id AND v.event = a.event;\nRETURN NULL;\n",
                    hash="8d53067b5243e5e18b89a4f443be191c40298ae0",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_occasions_b6eb5",
                    referencing="REFERENCING NEW TABLE AS added ",
                    table="tickets_message",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ticketevent",
            trigger=pgtrigger.compiler.Trigger(
                name="occasions",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nINSERT INTO tickets_occasion (brand_id, ticket_id, event, at, depth)\nSELECT DISTINCT r.brand_id, a.ticket_id, v.event, a.at, coalesce(nullif(current_setting('tickets.rule_depth', true), ''), '0')::int\nFROM (SELECT ticket_id, kind AS event, at AS at FROM added) a\nJOIN tickets_ticket t ON t.id = a.ticket_id\nJOIN tickets_rule r ON r.brand_id = t.brand_id AND r.is_active\nJOIN tickets_ruleversion v ON v.id = r.live_id AND v.event = a.event;\nRETURN NULL;\n",
                    hash="05180b5ae1bc66035170c15eece3bf36976ab6a4",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_occasions_ee55a",
                    referencing="REFERENCING NEW TABLE AS added ",
                    table="tickets_ticketevent",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="macro",
            name="brand",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.brand",
            ),
        ),
        migrations.AddField(
            model_name="macro",
            name="team",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty: for everybody of the brand.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.team",
            ),
        ),
        migrations.AddField(
            model_name="occasion",
            name="brand",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.brand",
            ),
        ),
        migrations.AddField(
            model_name="occasion",
            name="ticket",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tickets.ticket"
            ),
        ),
        migrations.AddField(
            model_name="rule",
            name="brand",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.brand",
            ),
        ),
        migrations.AddField(
            model_name="rulerun",
            name="brand",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.brand",
            ),
        ),
        migrations.AddField(
            model_name="rulerun",
            name="rule",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="runs",
                to="tickets.rule",
            ),
        ),
        migrations.AddField(
            model_name="rulerun",
            name="ticket",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.ticket",
            ),
        ),
        migrations.AddField(
            model_name="ruleversion",
            name="made_by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="ruleversion",
            name="rule",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="versions",
                to="tickets.rule",
            ),
        ),
        migrations.AddField(
            model_name="rulerun",
            name="version",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.ruleversion",
            ),
        ),
        migrations.AddField(
            model_name="rule",
            name="live",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                help_text="What is in force; empty before the first version.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.ruleversion",
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="rule",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="The rule that wrote it in the author's name; empty: the author did.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.ruleversion",
            ),
        ),
        migrations.AddConstraint(
            model_name="macro",
            constraint=models.UniqueConstraint(
                models.F("brand"),
                django.db.models.functions.text.Lower("title"),
                name="tickets_macro_title_once_a_brand",
                violation_error_message="This brand has a macro of that title.",
            ),
        ),
        migrations.AddConstraint(
            model_name="macro",
            constraint=models.UniqueConstraint(
                condition=models.Q(("shortcut", ""), _negated=True),
                fields=("brand", "shortcut"),
                name="tickets_macro_shortcut_once_a_brand",
                violation_error_message="Another macro of this brand has that shortcut.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.UniqueConstraint(
                fields=("rule", "number"), name="tickets_ruleversion_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.UniqueConstraint(fields=("id", "rule"), name="tickets_ruleversion_of_its_rule"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ruleversion",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="24c2edfe5bf13afbaf412946d557a4096404def8",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_2f46e",
                    table="tickets_ruleversion",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ruleversion",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;",
                    hash="3059bd4031d3d66e9a838cbc63765f671ff9dee7",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_f12ab",
                    table="tickets_ruleversion",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="rulerun",
            index=models.Index(
                models.F("brand"),
                django.db.models.expressions.CombinedExpression(models.F("id"), "*", models.Value(-1)),
                name="tickets_rulerun_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="rulerun",
            index=models.Index(fields=["ticket", "at"], name="tickets_rulerun_of_ticket"),
        ),
        migrations.AddConstraint(
            model_name="rulerun",
            constraint=models.UniqueConstraint(
                fields=("rule", "key"), name="tickets_rulerun_once_an_occasion"
            ),
        ),
        migrations.AddConstraint(
            model_name="rulerun",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["done", "refused", "fused"])),
                name="tickets_rulerun_outcome_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulerun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome", "done"), models.Q(("sentence", ""), _negated=True), _connector="OR"
                ),
                name="tickets_rulerun_refusal_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.UniqueConstraint(
                fields=("brand", "name"),
                name="tickets_rule_name_once_a_brand",
                violation_error_message="This brand has a rule of that name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.UniqueConstraint(fields=("id", "brand"), name="tickets_rule_of_its_brand"),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_active", False), ("live__isnull", False), _connector="OR"),
                name="tickets_rule_active_is_published",
                violation_error_message="Publish a version of it first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "event__in",
                        [
                            "opened",
                            "heard",
                            "answered",
                            "assigned",
                            "status",
                            "resolved",
                            "reopened",
                            "moved",
                            "late",
                            "priority",
                            "type",
                            "tagged",
                            "untagged",
                            "woken",
                            "goodwill",
                            "callback",
                            "time",
                        ],
                    )
                ),
                name="tickets_rule_event_known",
            ),
        ),
        same("team_id", "brand_id", "tickets_macro", "agents_team"),
        same("ticket_id", "brand_id", "tickets_occasion", "tickets_ticket"),
        same("ticket_id", "brand_id", "tickets_rulerun", "tickets_ticket"),
        same("rule_id", "brand_id", "tickets_rulerun", "tickets_rule"),
        same("version_id", "rule_id", "tickets_rulerun", "tickets_ruleversion"),
        same("live_id", "id", "tickets_rule", "tickets_ruleversion"),
    ]
