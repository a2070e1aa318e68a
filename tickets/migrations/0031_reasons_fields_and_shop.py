"""Why customers write, what a brand wants to know besides, what the shop is asked to do, and how long is left to do."""

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import contactcenter.clock


def one(
    table: str, column: str, of: str, parent: str, *, held_by: str = "", known_as: str = ""
) -> migrations.RunSQL:
    """A key over (`column`, `of`): the row and its `parent` agree in `of`, whatever the parent calls it."""
    of_one = known_as or of.removesuffix("_id")
    name = f"{table}_{column}_of_one_{of_one}"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}, {of})"
        f" REFERENCES {parent} (id, {held_by or of}) DEFERRABLE INITIALLY IMMEDIATE",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0008_search_language"),
        ("customers", "0028_fewer_indexes"),
        ("loyalty", "0043_fewer_statements"),
        ("tickets", "0030_merged_and_split"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FieldChoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("label", models.CharField(max_length=80)),
                ("position", models.PositiveSmallIntegerField(default=100)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="FieldQueue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FieldValue",
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
                            ("text", "Text"),
                            ("number", "Number"),
                            ("choice", "Choice"),
                            ("date", "Date"),
                        ],
                        max_length=6,
                    ),
                ),
                ("text", models.CharField(blank=True, max_length=500)),
                ("number", models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True)),
                ("date", models.DateField(blank=True, null=True)),
                ("at", models.DateTimeField(default=contactcenter.clock.now)),
                ("replaced_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ShopTask",
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
                        choices=[("refund", "Refund"), ("return", "Return"), ("resend", "Send again")],
                        max_length=6,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "asked"),
                            ("taken", "taken"),
                            ("done", "done"),
                            ("refused", "refused"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="asked",
                        max_length=9,
                    ),
                ),
                (
                    "note",
                    models.CharField(blank=True, help_text="What the shop should know.", max_length=500),
                ),
                ("key", models.CharField(max_length=80, unique=True)),
                ("request_hash", models.CharField(max_length=64)),
                ("asked_at", models.DateTimeField(default=contactcenter.clock.now)),
                (
                    "tell_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Supervisors are told when it has come no further until then.",
                        null=True,
                    ),
                ),
                ("taken_at", models.DateTimeField(blank=True, null=True)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("answer", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "permissions": [
                    ("do_shoptask", "Can take tasks for the shop and report what became of them")
                ],
            },
        ),
        migrations.CreateModel(
            name="ShopTaskLine",
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
                        choices=[("refund", "Refund"), ("return", "Return"), ("resend", "Send again")],
                        max_length=6,
                    ),
                ),
                ("quantity", models.PositiveIntegerField(default=0)),
                ("amount_minor", models.BigIntegerField(default=0)),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="TicketCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=contactcenter.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="TicketField",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("label", models.CharField(max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("number", "Number"),
                            ("choice", "Choice"),
                            ("date", "Date"),
                        ],
                        max_length=6,
                    ),
                ),
                (
                    "is_required",
                    models.BooleanField(
                        default=False, help_text="A ticket is not resolved before it is filled in."
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(default=True, help_text="Is asked for; what stands in it stays."),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(default=100, help_text="The lowest stands first."),
                ),
            ],
            options={
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="WrapUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "how",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("agent", "said so"),
                            ("next", "went on to another ticket"),
                            ("limit", "time was over"),
                        ],
                        max_length=5,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="queue",
            name="asks_reason",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="A ticket is not resolved without a contact reason.",
            ),
        ),
        migrations.AddField(
            model_name="queue",
            name="shop_minutes",
            field=models.PositiveIntegerField(
                db_default=60,
                default=60,
                help_text="Supervisors are told of a task for the shop that nobody has taken for so many minutes.",
            ),
        ),
        migrations.AddField(
            model_name="queue",
            name="wrap_up_minutes",
            field=models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                help_text="After the last word an agent has so long for what is left to do; 0: not measured.",
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="resolved_tier",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="The customer’s tier when it was resolved.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="loyalty.tier",
            ),
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
                    ("late", "a promise was not kept"),
                    ("closed", "closed"),
                    ("snoozed", "put off"),
                    ("woken", "back from being put off"),
                    ("goodwill", "goodwill given"),
                    ("callback", "callback"),
                    ("priority", "priority changed"),
                    ("type", "type changed"),
                    ("tagged", "tag put on"),
                    ("untagged", "tag taken off"),
                    ("tier", "customer's tier changed"),
                    ("linked", "linked"),
                    ("unlinked", "link undone"),
                    ("reason", "contact reason changed"),
                    ("checked", "ticked on the checklist"),
                    ("unchecked", "tick taken back"),
                    ("field", "field changed"),
                    ("shop", "task for the shop"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="ContactReason",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("depth", models.PositiveSmallIntegerField(default=1, editable=False)),
                (
                    "parent_depth",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            models.F("depth"), "-", models.Value(1)
                        ),
                        output_field=models.SmallIntegerField(),
                    ),
                ),
                ("label", models.CharField(max_length=80)),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        default=100, help_text="The lowest stands first among its neighbours."
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True, help_text="Can be chosen; what lies under it can be, too."
                    ),
                ),
                (
                    "brand",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agents.brand",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        help_text="The broader reason; empty: at the top. It stays, so that reports can be compared.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="tickets.contactreason",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "label", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ChecklistItem",
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
                        choices=[("question", "Question"), ("remedy", "Remedy")],
                        default="question",
                        max_length=8,
                    ),
                ),
                ("text", models.CharField(max_length=160)),
                ("position", models.PositiveSmallIntegerField(default=100)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "reason",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checklist",
                        to="tickets.contactreason",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "pk"],
            },
        ),
        migrations.AddField(
            model_name="ticket",
            name="reason",
            field=models.ForeignKey(
                blank=True,
                help_text="Why they wrote.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.contactreason",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("resolved_tier", None), ("status__in", ["resolved", "closed"]), _connector="OR"
                ),
                name="tickets_ticket_tier_at_the_end",
            ),
        ),
        migrations.AddField(
            model_name="fieldqueue",
            name="brand",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.brand",
            ),
        ),
        migrations.AddField(
            model_name="fieldqueue",
            name="queue",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tickets.queue"
            ),
        ),
        migrations.AddField(
            model_name="fieldvalue",
            name="brand",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.brand",
            ),
        ),
        migrations.AddField(
            model_name="fieldvalue",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="fieldvalue",
            name="choice",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.fieldchoice",
            ),
        ),
        migrations.AddField(
            model_name="fieldvalue",
            name="ticket",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="field_values", to="tickets.ticket"
            ),
        ),
        migrations.AddField(
            model_name="shoptask",
            name="asked_by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="shoptask",
            name="brand",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.brand",
            ),
        ),
        migrations.AddField(
            model_name="shoptask",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.order"
            ),
        ),
        migrations.AddField(
            model_name="shoptask",
            name="refund",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="shop_task",
                to="customers.orderrefund",
            ),
        ),
        migrations.AddField(
            model_name="shoptask",
            name="taken_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="shoptask",
            name="ticket",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="shop_tasks", to="tickets.ticket"
            ),
        ),
        migrations.AddField(
            model_name="shoptaskline",
            name="line",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.orderline"
            ),
        ),
        migrations.AddField(
            model_name="shoptaskline",
            name="order",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="customers.order",
            ),
        ),
        migrations.AddField(
            model_name="shoptaskline",
            name="task",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lines",
                to="tickets.shoptask",
            ),
        ),
        migrations.AddField(
            model_name="ticketcheck",
            name="brand",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.brand",
            ),
        ),
        migrations.AddField(
            model_name="ticketcheck",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="ticketcheck",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tickets.checklistitem"
            ),
        ),
        migrations.AddField(
            model_name="ticketcheck",
            name="reason",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.contactreason",
            ),
        ),
        migrations.AddField(
            model_name="ticketcheck",
            name="ticket",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="checks",
                to="tickets.ticket",
            ),
        ),
        migrations.AddField(
            model_name="ticketfield",
            name="brand",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.brand",
            ),
        ),
        migrations.AddField(
            model_name="fieldvalue",
            name="field",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tickets.ticketfield"
            ),
        ),
        migrations.AddField(
            model_name="fieldqueue",
            name="field",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="queues",
                to="tickets.ticketfield",
            ),
        ),
        migrations.AddField(
            model_name="fieldchoice",
            name="field",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="choices",
                to="tickets.ticketfield",
            ),
        ),
        migrations.AddField(
            model_name="wrapup",
            name="agent",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="wrapup",
            name="brand",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.brand",
            ),
        ),
        migrations.AddField(
            model_name="wrapup",
            name="ticket",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="wrap_ups", to="tickets.ticket"
            ),
        ),
        migrations.AddConstraint(
            model_name="contactreason",
            constraint=models.UniqueConstraint(
                models.F("brand"),
                models.F("parent"),
                django.db.models.functions.text.Lower("label"),
                name="tickets_contactreason_label_once",
                nulls_distinct=False,
                violation_error_message="There is a reason of that name at this place.",
            ),
        ),
        migrations.AddConstraint(
            model_name="contactreason",
            constraint=models.UniqueConstraint(
                fields=("id", "brand"), name="tickets_contactreason_of_its_brand"
            ),
        ),
        migrations.AddConstraint(
            model_name="contactreason",
            constraint=models.UniqueConstraint(
                fields=("id", "depth"), name="tickets_contactreason_of_its_depth"
            ),
        ),
        migrations.AddConstraint(
            model_name="contactreason",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("depth", 1), ("parent", None)),
                    models.Q(("depth__gte", 2), ("depth__lte", 4), ("parent__isnull", False)),
                    _connector="OR",
                ),
                name="tickets_contactreason_four_steps",
                violation_error_message="Reasons lie in four steps at most.",
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistitem",
            constraint=models.UniqueConstraint(
                fields=("id", "reason"), name="tickets_checklistitem_of_its_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["question", "remedy"])),
                name="tickets_checklistitem_kind_known",
            ),
        ),
        migrations.AddIndex(
            model_name="shoptask",
            index=models.Index(
                models.F("brand"),
                django.db.models.expressions.CombinedExpression(models.F("id"), "*", models.Value(-1)),
                name="tickets_shoptask_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="shoptask",
            index=models.Index(
                models.F("brand"),
                models.F("state"),
                django.db.models.expressions.CombinedExpression(models.F("id"), "*", models.Value(-1)),
                name="tickets_shoptask_by_state",
            ),
        ),
        migrations.AddIndex(
            model_name="shoptask",
            index=models.Index(
                condition=models.Q(("tell_at__isnull", False)),
                fields=["tell_at", "id"],
                name="tickets_shoptask_to_tell",
            ),
        ),
        migrations.AddConstraint(
            model_name="shoptask",
            constraint=models.UniqueConstraint(fields=("id", "order"), name="tickets_shoptask_of_its_order"),
        ),
        migrations.AddConstraint(
            model_name="shoptask",
            constraint=models.UniqueConstraint(fields=("id", "kind"), name="tickets_shoptask_of_its_kind"),
        ),
        migrations.AddConstraint(
            model_name="shoptask",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["refund", "return", "resend"])),
                name="tickets_shoptask_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="shoptask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_at", None),
                        ("lease_until", None),
                        ("state", "asked"),
                        ("taken_at", None),
                        ("taken_by", None),
                    ),
                    models.Q(
                        ("ended_at", None),
                        ("lease_until__isnull", False),
                        ("state", "taken"),
                        ("taken_at__isnull", False),
                        ("taken_by__isnull", False),
                    ),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("state__in", ["done", "refused"]),
                        ("taken_by__isnull", False),
                        ("tell_at", None),
                    ),
                    models.Q(("ended_at__isnull", False), ("state", "withdrawn"), ("tell_at", None)),
                    _connector="OR",
                ),
                name="tickets_shoptask_state_fits",
            ),
        ),
        migrations.AddConstraint(
            model_name="shoptask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "refund"), ("refund__isnull", False), ("state", "done")),
                    models.Q(
                        models.Q(("kind", "refund"), ("state", "done"), _negated=True), ("refund", None)
                    ),
                    _connector="OR",
                ),
                name="tickets_shoptask_done_refund_is_booked",
            ),
        ),
        migrations.AddConstraint(
            model_name="shoptask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "refused"), _negated=True),
                    models.Q(("answer", ""), _negated=True),
                    _connector="OR",
                ),
                name="tickets_shoptask_refused_says_why",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="shoptask",
            trigger=pgtrigger.compiler.Trigger(
                name="order_of_one_brand",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF NOT EXISTS (SELECT FROM customers_order o WHERE o.id = NEW.order_id AND o.brand_id = NEW.brand_id) THEN RAISE EXCEPTION 'the order is of another brand' USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'tickets_shoptask_order_is_of_its_brand'; END IF; RETURN NEW;",
                    hash="36e9350b490d8a19750730aad3eaafa210e0c54f",
                    operation='INSERT OR UPDATE OF "order_id", "brand_id"',
                    pgid="pgtrigger_order_of_one_brand_6cdb8",
                    table="tickets_shoptask",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="shoptaskline",
            constraint=models.UniqueConstraint(fields=("task", "line"), name="tickets_shoptaskline_once"),
        ),
        migrations.AddConstraint(
            model_name="shoptaskline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount_minor__gt", 0), ("kind", "refund")),
                    models.Q(("amount_minor", 0), ("kind__in", ["return", "resend"]), ("quantity__gt", 0)),
                    _connector="OR",
                ),
                name="tickets_shoptaskline_is_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketcheck",
            constraint=models.UniqueConstraint(fields=("ticket", "item"), name="tickets_ticketcheck_once"),
        ),
        migrations.AddConstraint(
            model_name="ticketfield",
            constraint=models.UniqueConstraint(
                models.F("brand"),
                django.db.models.functions.text.Lower("label"),
                name="tickets_ticketfield_label_once",
                violation_error_message="This brand has a field of that name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketfield",
            constraint=models.UniqueConstraint(
                fields=("id", "brand"), name="tickets_ticketfield_of_its_brand"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketfield",
            constraint=models.UniqueConstraint(fields=("id", "kind"), name="tickets_ticketfield_of_its_kind"),
        ),
        migrations.AddConstraint(
            model_name="ticketfield",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["text", "number", "choice", "date"])),
                name="tickets_ticketfield_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="fieldvalue",
            constraint=models.UniqueConstraint(
                condition=models.Q(("replaced_at", None)),
                fields=("ticket", "field"),
                name="tickets_fieldvalue_one_current",
            ),
        ),
        migrations.AddConstraint(
            model_name="fieldvalue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind", "text"),
                        models.Q(("text", ""), _negated=True),
                        ("choice", None),
                        ("date", None),
                        ("number", None),
                    ),
                    models.Q(
                        ("choice", None),
                        ("date", None),
                        ("kind", "number"),
                        ("number__isnull", False),
                        ("text", ""),
                    ),
                    models.Q(
                        ("choice", None),
                        ("date__isnull", False),
                        ("kind", "date"),
                        ("number", None),
                        ("text", ""),
                    ),
                    models.Q(
                        ("choice__isnull", False),
                        ("date", None),
                        ("kind", "choice"),
                        ("number", None),
                        ("text", ""),
                    ),
                    _connector="OR",
                ),
                name="tickets_fieldvalue_one_kind_alone",
            ),
        ),
        migrations.AddConstraint(
            model_name="fieldqueue",
            constraint=models.UniqueConstraint(fields=("field", "queue"), name="tickets_fieldqueue_once"),
        ),
        migrations.AddConstraint(
            model_name="fieldchoice",
            constraint=models.UniqueConstraint(
                models.F("field"),
                django.db.models.functions.text.Lower("label"),
                name="tickets_fieldchoice_label_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="fieldchoice",
            constraint=models.UniqueConstraint(
                fields=("id", "field"), name="tickets_fieldchoice_of_its_field"
            ),
        ),
        migrations.AddIndex(
            model_name="wrapup",
            index=models.Index(fields=["brand", "started_at"], name="tickets_wrapup_by_start"),
        ),
        migrations.AddConstraint(
            model_name="wrapup",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("agent",), name="tickets_wrapup_one_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="wrapup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until__gt", models.F("started_at")),
                    models.Q(
                        ("ended_at", None),
                        models.Q(
                            ("ended_at__gte", models.F("started_at")), ("ended_at__lte", models.F("until"))
                        ),
                        _connector="OR",
                    ),
                ),
                name="tickets_wrapup_goes_forward",
            ),
        ),
        migrations.AddConstraint(
            model_name="wrapup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("how", "")),
                    models.Q(("ended_at__isnull", False), ("how__in", ["agent", "next", "limit"])),
                    _connector="OR",
                ),
                name="tickets_wrapup_ended_somehow",
            ),
        ),
        one("tickets_contactreason", "parent_id", "brand_id", "tickets_contactreason"),
        one(
            "tickets_contactreason",
            "parent_id",
            "parent_depth",
            "tickets_contactreason",
            held_by="depth",
            known_as="depth",
        ),
        one("tickets_ticket", "reason_id", "brand_id", "tickets_contactreason"),
        one("tickets_ticketcheck", "ticket_id", "brand_id", "tickets_ticket"),
        one("tickets_ticketcheck", "reason_id", "brand_id", "tickets_contactreason"),
        one("tickets_ticketcheck", "item_id", "reason_id", "tickets_checklistitem"),
        one("tickets_wrapup", "ticket_id", "brand_id", "tickets_ticket"),
        one("tickets_fieldqueue", "field_id", "brand_id", "tickets_ticketfield"),
        one("tickets_fieldqueue", "queue_id", "brand_id", "tickets_queue"),
        one("tickets_fieldvalue", "ticket_id", "brand_id", "tickets_ticket"),
        one("tickets_fieldvalue", "field_id", "brand_id", "tickets_ticketfield"),
        one("tickets_fieldvalue", "field_id", "kind", "tickets_ticketfield"),
        one("tickets_fieldvalue", "choice_id", "field_id", "tickets_fieldchoice"),
        one("tickets_shoptask", "ticket_id", "brand_id", "tickets_ticket"),
        one("tickets_shoptask", "refund_id", "order_id", "customers_orderrefund"),
        one("tickets_shoptaskline", "task_id", "order_id", "tickets_shoptask"),
        one("tickets_shoptaskline", "task_id", "kind", "tickets_shoptask"),
        one("tickets_shoptaskline", "line_id", "order_id", "customers_orderline"),
    ]
