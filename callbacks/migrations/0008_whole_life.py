"""A promise has its whole life: offers, calls, retries, what was missed; and the rules of a brand for all that."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# What was promised before: it was told its window once, and was called when its tries say so. A call whose window was over
# for a day was missed; nobody is told of it so late, the list of those that were missed shows it. What is due is looked
# at when its window ends.
FILL = """
UPDATE callbacks_callback c SET promised_to = c.window_to, called_at = t.first, tries = COALESCE(t.times, 0)
FROM callbacks_callback o LEFT JOIN (
    SELECT callback_id, min(at) AS first, count(*) AS times FROM callbacks_attempt
    WHERE outcome <> 'moved' GROUP BY callback_id
) t ON t.callback_id = o.id
WHERE o.id = c.id;
UPDATE callbacks_callback SET state = 'missed', ended_at = window_to
WHERE state = 'due' AND kind = 'call' AND window_to < now() - interval '1 day';
UPDATE callbacks_callback SET look_at = CASE
    WHEN state = 'promised' THEN window_from
    WHEN state = 'due' AND kind = 'call' THEN window_to
END;
"""


def same_brand(table, column, parent):
    """A key over (`column`, brand): the row and its `parent` are of one brand, the database sees to it."""
    name = f"{table}_{column}_of_one_brand"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}, brand_id) "
        f"REFERENCES {parent} (id, brand_id) DEFERRABLE INITIALLY IMMEDIATE",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0040_notifications_of_an_agent"),
        ("callbacks", "0007_newest_first"),
        ("customers", "0043_who_asks"),
        ("tickets", "0046_kind_of_request"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CallbackEvent",
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
                            ("promised", "promised"),
                            ("reminded", "owner reminded"),
                            ("due", "due"),
                            ("offered", "offered"),
                            ("declined", "offer declined"),
                            ("lapsed", "offer not answered"),
                            ("accepted", "accepted"),
                            ("released", "given back"),
                            ("escalated", "supervisors told"),
                            ("called", "call begun"),
                            ("retry", "not reached, tried again"),
                            ("moved", "moved"),
                            ("handed", "handed over"),
                            ("kept", "kept"),
                            ("cancelled", "cancelled"),
                            ("missed", "missed"),
                            ("given_up", "given up"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "actor",
                    models.CharField(
                        choices=[("agent", "agent"), ("customer", "customer"), ("house", "the house")],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("data", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="CallbackPolicy",
            fields=[
                (
                    "brand",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="callback_policy",
                        serialize=False,
                        to="agents.brand",
                    ),
                ),
                (
                    "per_quarter",
                    models.PositiveSmallIntegerField(
                        default=1, help_text="So many calls an agent makes in a quarter of an hour."
                    ),
                ),
                (
                    "offer_seconds",
                    models.PositiveSmallIntegerField(
                        default=60, help_text="So long an agent has to accept a call that is offered."
                    ),
                ),
                (
                    "owner_minutes",
                    models.PositiveSmallIntegerField(
                        default=10,
                        help_text="So long we wait for an owner who is not there, before somebody else is asked.",
                    ),
                ),
                (
                    "team_minutes",
                    models.PositiveSmallIntegerField(
                        default=10, help_text="So long the team is asked, before supervisors are told."
                    ),
                ),
                (
                    "remind_minutes",
                    models.PositiveSmallIntegerField(
                        default=15,
                        help_text="So long before the window opens its owner is told; 0: not at all.",
                    ),
                ),
                (
                    "reminds_customers",
                    models.BooleanField(
                        default=True,
                        help_text="Customers read of their call the day before, unless they do not want to.",
                    ),
                ),
                (
                    "dialler",
                    models.CharField(
                        choices=[
                            ("tel", "tel: link on the page"),
                            ("sip", "Our SIP server"),
                            ("rest", "A REST service"),
                        ],
                        default="tel",
                        max_length=10,
                    ),
                ),
                (
                    "video_url",
                    models.URLField(
                        blank=True,
                        help_text="Where video calls meet; the word of the promise is added. Empty: none are offered.",
                    ),
                ),
                (
                    "takes_requests",
                    models.BooleanField(
                        default=True, help_text="Anybody can ask for a call on the brand's request page."
                    ),
                ),
                (
                    "handling_minutes",
                    models.PositiveSmallIntegerField(
                        default=6,
                        help_text="So long a call takes with all that belongs to it; expected waits go by it.",
                    ),
                ),
                (
                    "answer_percent",
                    models.PositiveSmallIntegerField(
                        default=80,
                        help_text="So many of a hundred calls are to begin in time; staffing goes by it.",
                    ),
                ),
                (
                    "answer_seconds",
                    models.PositiveSmallIntegerField(
                        default=20, help_text="In time: within so many seconds."
                    ),
                ),
                (
                    "saves_points_from",
                    models.PositiveIntegerField(
                        default=1000,
                        help_text="Members about to lose so many points are called, if they allowed it; 0: nobody.",
                    ),
                ),
                (
                    "saves_tiers",
                    models.BooleanField(
                        default=True, help_text="Members about to lose a tier are called, if they allowed it."
                    ),
                ),
                (
                    "saves_a_day",
                    models.PositiveSmallIntegerField(
                        default=20, help_text="So many such calls a day at most."
                    ),
                ),
                (
                    "saves_days_between",
                    models.PositiveSmallIntegerField(
                        default=90, help_text="A member gets one such call in so many days at most."
                    ),
                ),
            ],
            options={
                "verbose_name": "policy of callbacks",
                "verbose_name_plural": "policies of callbacks",
            },
        ),
        migrations.CreateModel(
            name="ContactHours",
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
                ("closes", models.TimeField(help_text="00:00 is the end of the day.")),
            ],
            options={
                "verbose_name_plural": "contact hours",
                "ordering": ["weekday", "opens"],
            },
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "sign",
                    models.CharField(
                        choices=[
                            ("reason", "its contact reason"),
                            ("late", "an answer of ours was late"),
                            ("reopened", "it was solved once before"),
                        ],
                        default="reason",
                        max_length=10,
                    ),
                ),
                (
                    "after_hours",
                    models.PositiveSmallIntegerField(
                        default=48, help_text="So long after the ticket was solved."
                    ),
                ),
                (
                    "about",
                    models.CharField(
                        help_text="What the call is about, for whoever makes it.", max_length=160
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["sign", "id"],
            },
        ),
        migrations.CreateModel(
            name="Line",
            fields=[
                (
                    "agent",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="line",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "address",
                    models.CharField(
                        help_text="+4930123456 or ana at our own telephone server.", max_length=80
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="QuietHours",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "country",
                    models.CharField(blank=True, help_text="ISO 3166 code; empty: all others.", max_length=2),
                ),
                (
                    "opens",
                    models.TimeField(
                        default="08:00", help_text="Local time from which customers may be called."
                    ),
                ),
                (
                    "closes",
                    models.TimeField(
                        default="21:00", help_text="Local time from which it is quiet; 00:00 is midnight."
                    ),
                ),
                (
                    "closed_weekdays",
                    models.JSONField(
                        blank=True, default=list, help_text="Days without calls: [6] is Sunday, Monday is 0."
                    ),
                ),
            ],
            options={
                "verbose_name": "quiet hours",
                "verbose_name_plural": "quiet hours",
                "ordering": ["country"],
            },
        ),
        migrations.CreateModel(
            name="RetryRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("no_answer", "No Answer"),
                            ("busy", "Busy"),
                            ("voicemail", "Voicemail"),
                            ("wrong_number", "Wrong Number"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "after_minutes",
                    models.PositiveIntegerField(
                        help_text="The next try comes up so much later at the earliest."
                    ),
                ),
                (
                    "times",
                    models.PositiveSmallIntegerField(
                        help_text="So many more tries at most; 0: given up at once."
                    ),
                ),
                (
                    "other_hour",
                    models.BooleanField(
                        default=True,
                        help_text="Never in a local hour of the day in which a try was made already.",
                    ),
                ),
            ],
            options={
                "ordering": ["outcome"],
            },
        ),
        migrations.AlterModelOptions(
            name="callback",
            options={
                "permissions": [
                    ("promise_callback", "Can promise callbacks and keep them"),
                    ("direct_callback", "Can move and hand over the callbacks of others"),
                ]
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="attempt",
            name="append_only",
        ),
        migrations.RemoveConstraint(
            model_name="callback",
            name="callbacks_callback_ended_when_over",
        ),
        migrations.RemoveConstraint(
            model_name="callback",
            name="callbacks_callback_one_open_call_a_ticket",
        ),
        migrations.RemoveIndex(
            model_name="callback",
            name="callbacks_callback_to_come",
        ),
        migrations.RemoveIndex(
            model_name="callback",
            name="callbacks_callback_on_desk",
        ),
        migrations.RemoveIndex(
            model_name="callback",
            name="callbacks_callback_open_by_end",
        ),
        migrations.AddField(
            model_name="attempt",
            name="answered_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="attempt",
            name="ask_at",
            field=models.DateTimeField(blank=True, help_text="When the dialler is asked next.", null=True),
        ),
        migrations.AddField(
            model_name="attempt",
            name="dial_key",
            field=models.CharField(
                blank=True, help_text="Makes a repeated call harmless.", max_length=64, null=True, unique=True
            ),
        ),
        migrations.AddField(
            model_name="attempt",
            name="dialler",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "by hand"),
                    ("tel", "tel: link"),
                    ("sip", "SIP server"),
                    ("rest", "REST service"),
                ],
                db_default="",
                default="",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="attempt",
            name="fell_back",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Why the number was dialled by hand instead.",
                max_length=200,
            ),
        ),
        migrations.AddField(
            model_name="attempt",
            name="hung_up_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="attempt",
            name="ref",
            field=models.CharField(blank=True, db_default="", default="", max_length=120),
        ),
        migrations.AddField(
            model_name="attempt",
            name="ringing_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="attempt",
            name="why",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Why the dialler says it ended.",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="callback",
            name="called_at",
            field=models.DateTimeField(
                blank=True, help_text="The first try since the window was last promised.", null=True
            ),
        ),
        migrations.AddField(
            model_name="callback",
            name="channel",
            field=models.CharField(
                choices=[("voice", "Voice"), ("video", "Video link")],
                db_default="voice",
                default="voice",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="callback",
            name="escalated_at",
            field=models.DateTimeField(
                blank=True, help_text="When the supervisors were told that nobody takes it.", null=True
            ),
        ),
        migrations.AddField(
            model_name="callback",
            name="follows",
            field=models.OneToOneField(
                blank=True,
                help_text="The missed promise that this one makes up for.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="followed_by",
                to="callbacks.callback",
            ),
        ),
        migrations.AddField(
            model_name="callback",
            name="look_at",
            field=models.DateTimeField(
                blank=True, help_text="When the clock has something to do for it next.", null=True
            ),
        ),
        migrations.AddField(
            model_name="callback",
            name="notes",
            field=models.TextField(blank=True, db_default="", default="", max_length=2000),
        ),
        migrations.AddField(
            model_name="callback",
            name="offer_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="callback",
            name="offered_to",
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
            model_name="callback",
            name="priority",
            field=models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                help_text="The rank of the customer's tier: the highest is offered first.",
            ),
        ),
        migrations.AddField(
            model_name="callback",
            name="promised_to",
            field=models.DateTimeField(
                null=True, help_text="The end of the window the customer was last told."
            ),
        ),
        migrations.AddField(
            model_name="callback",
            name="reminded_at",
            field=models.DateTimeField(
                blank=True, help_text="When its owner was told that it comes.", null=True
            ),
        ),
        migrations.AddField(
            model_name="callback",
            name="source",
            field=models.CharField(
                choices=[
                    ("desk", "Agent on the desk"),
                    ("resolved", "Follow-up of a resolved ticket"),
                    ("ledger", "Points or tier about to be lost"),
                    ("rule", "Macro or rule"),
                    ("api", "Another system"),
                    ("page", "The customer, on the request page"),
                    ("missed", "Makes up for a missed promise"),
                    ("feedback", "A bad answer to our question"),
                ],
                db_default="desk",
                default="desk",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="callback",
            name="team",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Who calls where the owner cannot; empty: the brand's.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.team",
            ),
        ),
        migrations.AddField(
            model_name="callback",
            name="topic",
            field=models.ForeignKey(
                blank=True,
                help_text="The contact reason it is counted under.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.contactreason",
            ),
        ),
        migrations.AddField(
            model_name="callback",
            name="tries",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="attempt",
            name="key",
            field=models.CharField(
                blank=True,
                help_text="Makes a repeated outcome harmless.",
                max_length=64,
                null=True,
                unique=True,
            ),
        ),
        migrations.AlterField(
            model_name="attempt",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "running"),
                    ("done", "reached, done"),
                    ("no_answer", "no answer"),
                    ("busy", "busy"),
                    ("voicemail", "voicemail"),
                    ("wrong_number", "wrong number"),
                    ("moved", "asked to move"),
                    ("lost", "broken off"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="attempt",
            name="request_hash",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AlterField(
            model_name="callback",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Empty: whoever of the team can take it.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="callbacks",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="callback",
            name="promised_by",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty: the customer chose it, or the house did.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="callback",
            name="state",
            field=models.CharField(
                choices=[
                    ("promised", "promised"),
                    ("due", "due"),
                    ("offered", "offered"),
                    ("accepted", "accepted"),
                    ("in_call", "in call"),
                    ("no_answer", "no answer, tried again"),
                    ("moved", "moved"),
                    ("kept", "kept"),
                    ("cancelled", "cancelled"),
                    ("missed", "missed"),
                    ("given_up", "given up"),
                ],
                default="promised",
                max_length=10,
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="callback",
            name="promised_to",
            field=models.DateTimeField(help_text="The end of the window the customer was last told."),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("ask_at__isnull", False)),
                fields=["ask_at"],
                name="callbacks_attempt_to_ask",
            ),
        ),
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(
                condition=models.Q(("look_at__isnull", False)),
                fields=["look_at", "id"],
                name="callbacks_callback_to_look",
            ),
        ),
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(
                condition=models.Q(("state__in", ["due", "offered", "accepted", "in_call"])),
                fields=["owner", "window_to", "id"],
                name="callbacks_callback_on_desk",
            ),
        ),
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(
                condition=models.Q(
                    (
                        "state__in",
                        ["promised", "no_answer", "moved", "due", "offered", "accepted", "in_call"],
                    ),
                    ("team__isnull", False),
                ),
                fields=["team", "window_from"],
                name="callbacks_callback_of_team",
            ),
        ),
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(
                condition=models.Q(("kind", "call"), ("state", "due")),
                fields=["brand", "-priority", "window_to", "id"],
                name="callbacks_callback_to_offer",
            ),
        ),
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(
                condition=models.Q(
                    ("state__in", ["promised", "no_answer", "moved", "due", "offered", "accepted", "in_call"])
                ),
                fields=["brand", "window_to"],
                name="callbacks_callback_open_by_end",
            ),
        ),
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(fields=["brand", "promised_to"], name="callbacks_callback_promised_to"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attempt",
            trigger=pgtrigger.compiler.Trigger(
                name="told_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF NEW.callback_id IS DISTINCT FROM OLD.callback_id OR NEW.at IS DISTINCT FROM OLD.at OR NEW.dial_key IS DISTINCT FROM OLD.dial_key OR OLD.outcome <> '' AND (NEW.outcome IS DISTINCT FROM OLD.outcome OR NEW.key IS DISTINCT FROM OLD.key OR NEW.request_hash IS DISTINCT FROM OLD.request_hash OR NEW.note IS DISTINCT FROM OLD.note) THEN RAISE EXCEPTION 'pgtrigger: Cannot change what came of a try in %', TG_TABLE_NAME; END IF; RETURN NEW;",
                    hash="95a3171066fc25cb3e52855cb562caf782e777d7",
                    operation="UPDATE",
                    pgid="pgtrigger_told_once_a26e9",
                    table="callbacks_attempt",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attempt",
            trigger=pgtrigger.compiler.Trigger(
                name="never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="8fa02958ba099d8858ec3a08c9be081815d6abb8",
                    operation="DELETE",
                    pgid="pgtrigger_never_deleted_4a266",
                    table="callbacks_attempt",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.UniqueConstraint(
                condition=models.Q(("outcome", "")),
                fields=("callback",),
                name="callbacks_attempt_one_running",
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("key__isnull", True), ("outcome__in", ["", "lost"])),
                    models.Q(models.Q(("outcome__in", ["", "lost"]), _negated=True), ("key__isnull", False)),
                    _connector="OR",
                ),
                name="callbacks_attempt_told_has_key",
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ref", ""), _negated=True),
                fields=("dialler", "ref"),
                name="callbacks_attempt_ref_once_a_dialler",
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("answered_at__isnull", True),
                    ("hung_up_at__isnull", True),
                    ("hung_up_at__gte", models.F("answered_at")),
                    _connector="OR",
                ),
                name="callbacks_attempt_ends_after_it_began",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_at__isnull", True),
                        (
                            "state__in",
                            ["promised", "no_answer", "moved", "due", "offered", "accepted", "in_call"],
                        ),
                    ),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("state__in", ["kept", "cancelled", "missed", "given_up"]),
                    ),
                    _connector="OR",
                ),
                name="callbacks_callback_ended_when_over",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(("owner__isnull", False), ("team__isnull", False), _connector="OR"),
                name="callbacks_callback_is_somebodys",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("offer_until__isnull", False), ("offered_to__isnull", False), ("state", "offered")
                    ),
                    models.Q(
                        models.Q(("state", "offered"), _negated=True),
                        ("offer_until__isnull", True),
                        ("offered_to__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="callbacks_callback_offered_to_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["accepted", "in_call"]), _negated=True),
                    ("owner__isnull", False),
                    _connector="OR",
                ),
                name="callbacks_callback_taken_by_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("look_at__isnull", True), ("state__in", ["kept", "cancelled", "missed", "given_up"])
                    ),
                    models.Q(
                        ("kind", "call"),
                        ("look_at__isnull", False),
                        (
                            "state__in",
                            ["promised", "no_answer", "moved", "due", "offered", "accepted", "in_call"],
                        ),
                    ),
                    models.Q(
                        ("kind", "task"),
                        ("look_at__isnull", False),
                        ("state__in", ["promised", "no_answer", "moved"]),
                    ),
                    models.Q(("kind", "task"), ("state__in", ["due", "offered", "accepted", "in_call"])),
                    _connector="OR",
                ),
                name="callbacks_callback_looked_at_while_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ["voice", "video"]), ("kind__in", ["call", "task"])),
                name="callbacks_callback_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("kind", "call"),
                    (
                        "state__in",
                        ["promised", "no_answer", "moved", "due", "offered", "accepted", "in_call"],
                    ),
                ),
                fields=("ticket",),
                name="callbacks_callback_one_open_call_a_ticket",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.UniqueConstraint(
                condition=models.Q(("offered_to__isnull", False)),
                fields=("offered_to",),
                name="callbacks_callback_one_offer_an_agent",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "in_call")),
                fields=("owner",),
                name="callbacks_callback_one_call_an_agent",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.UniqueConstraint(
                fields=("id", "brand"), name="callbacks_callback_of_its_brand"
            ),
        ),
        migrations.AddField(
            model_name="callbackevent",
            name="by",
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
            model_name="callbackevent",
            name="callback",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="callbacks.callback",
            ),
        ),
        migrations.AddField(
            model_name="callbackpolicy",
            name="calendar",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Calls are promised in its hours; empty: at any time customers may be called.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.calendar",
            ),
        ),
        migrations.AddField(
            model_name="callbackpolicy",
            name="team",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Calls where the owner cannot; empty: the team of the ticket's queue.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.team",
            ),
        ),
        migrations.AddField(
            model_name="contacthours",
            name="brand",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.brand",
            ),
        ),
        migrations.AddField(
            model_name="contacthours",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contact_hours",
                to="customers.customer",
            ),
        ),
        migrations.AddField(
            model_name="followup",
            name="brand",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.brand",
            ),
        ),
        migrations.AddField(
            model_name="followup",
            name="contact_reason",
            field=models.ForeignKey(
                blank=True,
                help_text="And all that lies under it; only where the sign is the contact reason.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.contactreason",
            ),
        ),
        migrations.AddConstraint(
            model_name="line",
            constraint=models.CheckConstraint(
                condition=models.Q(("address__regex", "^(\\+[1-9][0-9]{4,14}|[a-z0-9._-]{1,40})$")),
                name="callbacks_line_is_dialled",
                violation_error_message="Write a number with + and the country, or a name in small letters.",
            ),
        ),
        migrations.AddField(
            model_name="quiethours",
            name="brand",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.brand",
            ),
        ),
        migrations.AddField(
            model_name="retryrule",
            name="brand",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.brand",
            ),
        ),
        migrations.AddIndex(
            model_name="callbackevent",
            index=models.Index(fields=["callback", "id"], name="callbacks_callbackevent_of"),
        ),
        migrations.AddConstraint(
            model_name="callbackevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("actor", "agent"), ("by__isnull", False)),
                    models.Q(("actor__in", ["customer", "house"]), ("by__isnull", True)),
                    _connector="OR",
                ),
                name="callbacks_callbackevent_by_its_actor",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="callbackevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="4501dbdb06a185fd5ce042faa7e325f571aac55d",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_a3b5c",
                    table="callbacks_callbackevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="callbackevent",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;",
                    hash="809a5c2166994560f8a73208207539b6c43f1272",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_30e97",
                    table="callbacks_callbackevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="callbackpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("per_quarter__range", (1, 15))),
                name="callbacks_policy_makes_calls",
                violation_error_message="Between 1 and 15 calls in a quarter of an hour.",
            ),
        ),
        migrations.AddConstraint(
            model_name="callbackpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("offer_seconds__range", (10, 900))),
                name="callbacks_policy_gives_time",
                violation_error_message="Give between 10 and 900 seconds to accept.",
            ),
        ),
        migrations.AddConstraint(
            model_name="callbackpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("answer_percent__range", (1, 99)),
                    ("answer_seconds__gte", 1),
                    ("handling_minutes__gte", 1),
                ),
                name="callbacks_policy_can_be_staffed",
                violation_error_message="A share between 1 and 99 percent, at least a second and a minute.",
            ),
        ),
        migrations.AddConstraint(
            model_name="contacthours",
            constraint=models.UniqueConstraint(
                fields=("customer", "weekday", "opens"), name="callbacks_contacthours_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="contacthours",
            constraint=models.CheckConstraint(
                condition=models.Q(("closes__gt", models.F("opens")), ("closes", "00:00"), _connector="OR"),
                name="callbacks_contacthours_run",
            ),
        ),
        migrations.AddConstraint(
            model_name="contacthours",
            constraint=models.CheckConstraint(
                condition=models.Q(("weekday__lte", 6)), name="callbacks_contacthours_weekday_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.UniqueConstraint(
                fields=("brand", "sign", "contact_reason"),
                name="callbacks_followup_sign_once_a_brand",
                nulls_distinct=False,
                violation_error_message="This brand has a follow-up for that.",
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("contact_reason__isnull", False), ("sign", "reason")),
                    models.Q(("contact_reason__isnull", True), ("sign__in", ["late", "reopened"])),
                    _connector="OR",
                ),
                name="callbacks_followup_names_its_reason",
                violation_error_message="Choose a contact reason where that is the sign, and none otherwise.",
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(("after_hours__range", (1, 1440))),
                name="callbacks_followup_within_sixty_days",
                violation_error_message="Between one hour and sixty days.",
            ),
        ),
        migrations.AddConstraint(
            model_name="quiethours",
            constraint=models.UniqueConstraint(
                fields=("brand", "country"),
                name="callbacks_quiethours_country_once_a_brand",
                violation_error_message="This brand has quiet hours for that country.",
            ),
        ),
        migrations.AddConstraint(
            model_name="quiethours",
            constraint=models.CheckConstraint(
                condition=models.Q(("closes__gt", models.F("opens")), ("closes", "00:00"), _connector="OR"),
                name="callbacks_quiethours_leave_time",
                violation_error_message="It has to be quiet later than it stops being quiet.",
            ),
        ),
        migrations.AddConstraint(
            model_name="retryrule",
            constraint=models.UniqueConstraint(
                fields=("brand", "outcome"),
                name="callbacks_retryrule_outcome_once_a_brand",
                violation_error_message="This brand has a rule for that outcome.",
            ),
        ),
        migrations.AddConstraint(
            model_name="retryrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["no_answer", "busy", "voicemail", "wrong_number"])),
                name="callbacks_retryrule_outcome_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="retryrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("after_minutes__range", (1, 20160)), ("times__lte", 10)),
                name="callbacks_retryrule_comes_to_an_end",
                violation_error_message="Between a minute and two weeks later, ten more tries at most.",
            ),
        ),
        same_brand("callbacks_callback", "team_id", "agents_team"),
        same_brand("callbacks_callback", "topic_id", "tickets_contactreason"),
        same_brand("callbacks_callback", "follows_id", "callbacks_callback"),
        same_brand("callbacks_callbackpolicy", "calendar_id", "tickets_calendar"),
        same_brand("callbacks_callbackpolicy", "team_id", "agents_team"),
        same_brand("callbacks_contacthours", "customer_id", "customers_customer"),
        same_brand("callbacks_followup", "contact_reason_id", "tickets_contactreason"),
    ]
