"""A ticket can go into another one of its customer: its words are found there, and no ring can be."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


def same(what: str) -> migrations.RunSQL:
    """A merged ticket and the one it went into are of one `what`, the database sees to it."""
    name = f"tickets_ticket_merged_into_id_of_one_{what}"
    return migrations.RunSQL(
        f"ALTER TABLE tickets_ticket ADD CONSTRAINT {name} FOREIGN KEY (merged_into_id, {what}_id)"
        f" REFERENCES tickets_ticket (id, {what}_id) DEFERRABLE INITIALLY IMMEDIATE",
        f"ALTER TABLE tickets_ticket DROP CONSTRAINT {name}",
    )


# The words of a ticket are its own and those of all that went into it; a merged one has none of its own.
AGAIN = """
CREATE OR REPLACE FUNCTION tickets_words_again(of_ticket bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    goes_on bigint;
BEGIN
    SELECT COALESCE(merged_into_id, id) INTO goes_on FROM tickets_ticket WHERE id = of_ticket;
    DELETE FROM tickets_ticketwords WHERE ticket_id IN (of_ticket, goes_on);
    INSERT INTO tickets_ticketwords (ticket_id, brand_id, part, words)
    SELECT t.id, t.brand_id, 0, setweight(to_tsvector(b.search_language::regconfig, concat_ws(' ', t.subject,
        (SELECT string_agg(j.subject, ' ' ORDER BY j.id) FROM tickets_ticket j WHERE j.merged_into_id = t.id))), 'A')
    FROM tickets_ticket t JOIN agents_brand b ON b.id = t.brand_id WHERE t.id = goes_on;
    PERFORM tickets_add_words(goes_on, m.text)
    FROM (SELECT text FROM tickets_message WHERE text <> '' AND ticket_id IN (
        SELECT goes_on UNION ALL SELECT id FROM tickets_ticket WHERE merged_into_id = goes_on)
        ORDER BY created_at, id) m;
END
$$
"""
AGAIN_BEFORE = """
CREATE OR REPLACE FUNCTION tickets_words_again(of_ticket bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM tickets_ticketwords WHERE ticket_id = of_ticket;
    INSERT INTO tickets_ticketwords (ticket_id, brand_id, part, words)
    SELECT t.id, t.brand_id, 0, setweight(to_tsvector(b.search_language::regconfig, t.subject), 'A')
    FROM tickets_ticket t JOIN agents_brand b ON b.id = t.brand_id WHERE t.id = of_ticket;
    PERFORM tickets_add_words(of_ticket, m.text)
    FROM (SELECT text FROM tickets_message WHERE ticket_id = of_ticket AND text <> '' ORDER BY seq) m;
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0008_search_language"),
        ("customers", "0028_fewer_indexes"),
        ("tickets", "0026_views_with_a_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="clockfact",
            name="tickets_clockfact_kind_known",
        ),
        migrations.AddField(
            model_name="ticket",
            name="joined_count",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, help_text="How many tickets went into this one."
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="merged_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="ticket",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="The ticket in which this one goes on: never one that went into another itself.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="joined",
                to="tickets.ticket",
            ),
        ),
        migrations.AlterField(
            model_name="clockfact",
            name="kind",
            field=models.CharField(
                choices=[
                    ("started", "started"),
                    ("paused", "paused"),
                    ("resumed", "resumed"),
                    ("retargeted", "another promise holds"),
                    ("met", "kept"),
                    ("stopped", "stopped"),
                    ("warned", "warned of"),
                    ("breached", "late"),
                    ("merged", "goes on in another ticket"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="ticket",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="messages",
                to="tickets.ticket",
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
                    ("merged", "merged"),
                    ("unmerged", "merge undone"),
                    ("split", "a message made a ticket of its own"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["ticket", "created_at", "id"], name="tickets_message_in_order"),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", False)),
                fields=["merged_into"],
                name="tickets_ticket_joined",
            ),
        ),
        same("brand"),
        same("customer"),
        migrations.RunSQL(AGAIN, AGAIN_BEFORE),
        pgtrigger.migrations.AddTrigger(
            model_name="ticket",
            trigger=pgtrigger.compiler.Trigger(
                name="merged_in_one_step",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."merged_into_id" IS NOT NULL)',
                    func="PERFORM FROM tickets_ticket WHERE id = NEW.merged_into_id AND merged_into_id IS NULL FOR SHARE; IF NOT FOUND OR EXISTS (SELECT FROM tickets_ticket WHERE merged_into_id = NEW.id) THEN RAISE EXCEPTION 'ticket % cannot go into ticket %', NEW.id, NEW.merged_into_id USING ERRCODE = 'check_violation', CONSTRAINT = 'tickets_ticket_merged_in_one_step'; END IF; RETURN NULL;",
                    hash="88da2e81ed9623434ff24ed86c1a65aeb01146d5",
                    operation='INSERT OR UPDATE OF "merged_into_id"',
                    pgid="pgtrigger_merged_in_one_step_279bd",
                    table="tickets_ticket",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ticket",
            trigger=pgtrigger.compiler.Trigger(
                name="words_go_along",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."merged_into_id" IS DISTINCT FROM (NEW."merged_into_id"))',
                    func="PERFORM tickets_words_again(NEW.id); IF OLD.merged_into_id IS NOT NULL THEN PERFORM tickets_words_again(OLD.merged_into_id); END IF; RETURN NULL;",
                    hash="f3ca7da4936fa63dc1f0ac8bcf41933774181d83",
                    operation='UPDATE OF "merged_into_id"',
                    pgid="pgtrigger_words_go_along_024f4",
                    table="tickets_ticket",
                    when="AFTER",
                ),
            ),
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
                            "merged",
                        ],
                    )
                ),
                name="tickets_clockfact_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("merged_at", None), ("merged_into", None)),
                    models.Q(
                        ("joined_count", 0),
                        ("merged_at__isnull", False),
                        ("merged_into__isnull", False),
                        ("status", "closed"),
                    ),
                    _connector="OR",
                ),
                name="tickets_ticket_merged_is_over",
            ),
        ),
    ]
