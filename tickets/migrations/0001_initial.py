"""Queues, tickets with their numbers, what was said and done in them, and mail as it arrived."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import contactcenter.clock
import tickets.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("agents", "0001_initial"),
        ("customers", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TicketNumber",
            fields=[
                (
                    "brand",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="agents.brand",
                    ),
                ),
                ("last", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Message",
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
                            ("inbound", "from the customer"),
                            ("outbound", "to the customer"),
                            ("note", "note"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("mail", "e-mail"),
                            ("chat", "web chat"),
                            ("sms", "SMS"),
                            ("phone", "phone"),
                            ("social", "social"),
                            ("shop", "in the shop"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "sender",
                    models.CharField(
                        blank=True, help_text="Address it came from, as it was given.", max_length=320
                    ),
                ),
                ("text", models.TextField(blank=True)),
                (
                    "html",
                    models.TextField(blank=True, help_text="As it came; never shown without being cleaned."),
                ),
                (
                    "message_id",
                    models.CharField(
                        blank=True, help_text="Of the mail, without angle brackets.", max_length=998
                    ),
                ),
                ("in_reply_to", models.CharField(blank=True, max_length=998)),
                (
                    "key",
                    models.CharField(
                        help_text="Makes a repeated deed harmless.", max_length=200, unique=True
                    ),
                ),
                ("created_at", models.DateTimeField(default=contactcenter.clock.now)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("done", "done"),
                            ("queued", "waits to be sent"),
                            ("sending", "is being sent"),
                            ("sent", "sent"),
                            ("failed", "could not be sent"),
                        ],
                        default="done",
                        max_length=10,
                    ),
                ),
                (
                    "due_at",
                    models.DateTimeField(
                        blank=True, help_text="When to send, or when it was claimed.", null=True
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("last_error", models.CharField(blank=True, max_length=500)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.contactpoint",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("content_type", models.CharField(default="application/octet-stream", max_length=127)),
                ("size", models.PositiveBigIntegerField(help_text="Bytes.")),
                ("sha256", models.CharField(max_length=64)),
                ("file", models.FileField(max_length=120, upload_to=tickets.models.by_digest)),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="tickets.message",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Queue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                (
                    "address",
                    models.EmailField(
                        help_text="In lower case; also the sender of our answers.",
                        max_length=254,
                        unique=True,
                    ),
                ),
                (
                    "reply_minutes",
                    models.PositiveIntegerField(
                        default=240, help_text="A customer's word is to be answered within so many minutes."
                    ),
                ),
                (
                    "is_default",
                    models.BooleanField(
                        default=False, help_text="Takes what belongs to no other queue of the brand."
                    ),
                ),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="queues", to="agents.brand"
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="queues",
                        to="agents.team",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Ticket",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("subject", models.CharField(blank=True, max_length=250)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("mail", "e-mail"),
                            ("chat", "web chat"),
                            ("sms", "SMS"),
                            ("phone", "phone"),
                            ("social", "social"),
                            ("shop", "in the shop"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("open", "Open"),
                            ("pending", "Pending"),
                            ("on_hold", "On hold"),
                            ("resolved", "Resolved"),
                            ("closed", "Closed"),
                        ],
                        default="new",
                        max_length=10,
                    ),
                ),
                (
                    "is_open",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.ExpressionWrapper(
                            models.Q(("status__in", ["resolved", "closed"]), _negated=True),
                            models.BooleanField(),
                        ),
                        output_field=models.BooleanField(),
                    ),
                ),
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "Low"), (2, "Normal"), (3, "High"), (4, "Urgent")], default=2
                    ),
                ),
                ("opened_at", models.DateTimeField(default=contactcenter.clock.now)),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("last_message_at", models.DateTimeField()),
                (
                    "last_words",
                    models.CharField(
                        blank=True, help_text="The beginning of what was said last.", max_length=120
                    ),
                ),
                ("last_was_inbound", models.BooleanField(default=True)),
                ("message_seq", models.PositiveIntegerField(default=0)),
                (
                    "key",
                    models.CharField(
                        help_text="Makes a repeated opening harmless.", max_length=200, unique=True
                    ),
                ),
                (
                    "assignee",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.brand"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="customers.customer",
                    ),
                ),
                (
                    "queue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="tickets.queue",
                    ),
                ),
            ],
            options={
                "permissions": [("work_ticket", "Can work tickets on the desk")],
            },
        ),
        migrations.AddField(
            model_name="message",
            name="ticket",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="tickets.ticket"
            ),
        ),
        migrations.CreateModel(
            name="TicketEvent",
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
                            ("opened", "opened"),
                            ("assigned", "assigned"),
                            ("status", "status changed"),
                            ("resolved", "resolved"),
                            ("reopened", "reopened"),
                            ("goodwill", "goodwill given"),
                            ("callback", "callback"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField(default=contactcenter.clock.now)),
                ("data", models.JSONField(blank=True, default=dict)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="tickets.ticket",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="InboundMail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sha256", models.CharField(db_index=True, max_length=64)),
                ("raw", models.BinaryField()),
                ("received_at", models.DateTimeField(default=contactcenter.clock.now)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("received", "not worked on yet"),
                            ("created", "opened a ticket"),
                            ("appended", "joined its ticket"),
                            ("duplicate", "was here before"),
                            ("ignored", "written by no person"),
                            ("quarantined", "belongs to no brand we know"),
                        ],
                        default="received",
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200)),
                (
                    "brand",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agents.brand",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.message",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "inbound mail",
                "indexes": [
                    models.Index(
                        condition=models.Q(("outcome__in", ["received", "quarantined"])),
                        fields=["received_at"],
                        name="tickets_inboundmail_to_look_at",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="queue",
            constraint=models.UniqueConstraint(
                fields=("brand", "name"), name="tickets_queue_name_once_a_brand"
            ),
        ),
        migrations.AddConstraint(
            model_name="queue",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_default", True)),
                fields=("brand",),
                name="tickets_queue_one_default_a_brand",
                violation_error_message="Another queue of this brand is the default.",
            ),
        ),
        migrations.AddConstraint(
            model_name="queue",
            constraint=models.UniqueConstraint(fields=("id", "brand"), name="tickets_queue_of_its_brand"),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.F("brand"),
                models.OrderBy(models.F("due_at"), nulls_last=True),
                models.F("id"),
                condition=models.Q(("is_open", True)),
                name="tickets_ticket_open_by_due",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.F("assignee"),
                models.OrderBy(models.F("due_at"), nulls_last=True),
                models.F("id"),
                condition=models.Q(("is_open", True)),
                name="tickets_ticket_mine_by_due",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["customer", "-opened_at"], name="tickets_ticket_of_customer"),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.UniqueConstraint(
                fields=("brand", "number"), name="tickets_ticket_number_once_a_brand"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.UniqueConstraint(fields=("id", "brand"), name="tickets_ticket_of_its_brand"),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["new", "open", "pending", "on_hold", "resolved", "closed"])
                ),
                name="tickets_ticket_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("due_at__isnull", True),
                        ("resolved_at__isnull", False),
                        ("status__in", ["resolved", "closed"]),
                    ),
                    models.Q(
                        models.Q(("status__in", ["resolved", "closed"]), _negated=True),
                        ("resolved_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="tickets_ticket_ended_has_no_clock",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "sending"])),
                fields=["due_at", "id"],
                name="tickets_message_to_send",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("ticket", "seq"), name="tickets_message_seq_once"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "outbound"), ("state", "done"), _connector="OR"),
                name="tickets_message_only_outbound_is_sent",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "inbound"), ("author__isnull", False), _connector="OR"),
                name="tickets_message_ours_has_author",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["queued", "sending"]), _negated=True),
                    ("due_at__isnull", False),
                    _connector="OR",
                ),
                name="tickets_message_waiting_has_due",
            ),
        ),
        migrations.AddIndex(
            model_name="ticketevent",
            index=models.Index(fields=["ticket", "id"], name="tickets_event_of_ticket"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ticketevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="825ed2aae011e1b02ab1de9d04b2e765d5eab462",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_2f517",
                    table="tickets_ticketevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ticketevent",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;",
                    hash="0ae4a9788ae6e266a29511272214e576277b556d",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_fc82e",
                    table="tickets_ticketevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
