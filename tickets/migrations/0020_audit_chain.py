"""Every line of a ticket's audit says who did it and what it changed, and is chained to the line before it."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# The one place that says what a digest is taken over. An array of JSON parts its values beyond doubt, and jsonb prints
# one value in one way only; instants are microseconds, so that no setting of a session changes them.
FUNCTIONS = """
CREATE FUNCTION tickets_event_digest(previous text, ticket bigint, seq integer, kind text, actor text, by_id bigint,
    at timestamptz, data jsonb) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(previous, ticket, seq, kind, actor, by_id,
        (extract(epoch FROM at) * 1000000)::bigint, data)::text, 'UTF8')), 'hex')
$$;
-- The digest of the last line, over all lines in their order.
CREATE AGGREGATE tickets_event_chain(ticket bigint, seq integer, kind text, actor text, by_id bigint, at timestamptz,
    data jsonb) (SFUNC = tickets_event_digest, STYPE = text, INITCOND = '');
"""
COLUMNS = """
ALTER TABLE tickets_ticketevent ADD COLUMN actor varchar(8), ADD COLUMN seq integer, ADD COLUMN digest varchar(64);
"""
# Lines from before the chain, once and for all: who acted, what was changed as far as they say it, numbers, digests.
CHAIN = """
ALTER TABLE tickets_ticketevent DISABLE TRIGGER pgtrigger_append_only_2f517;
UPDATE tickets_ticketevent line
SET actor = chained.actor, data = chained.data, seq = chained.seq, digest = chained.digest
FROM (
    SELECT id, actor, data, seq,
        tickets_event_chain(ticket_id, seq, kind, actor, by_id, at, data) OVER (PARTITION BY ticket_id ORDER BY seq)
            AS digest
    FROM (
        SELECT id, ticket_id, kind, by_id, at,
            row_number() OVER (PARTITION BY ticket_id ORDER BY id)::integer AS seq,
            CASE WHEN by_id IS NOT NULL THEN 'agent'
                WHEN kind IN ('opened', 'reopened') OR kind = 'status' AND data ->> 'after' = 'open' THEN 'customer'
                ELSE 'system' END AS actor,
            jsonb_build_object('before', NULL, 'after', NULL) || CASE kind
                WHEN 'opened' THEN data || jsonb_build_object('after', 'new')
                WHEN 'resolved' THEN data || jsonb_build_object('after', 'resolved')
                WHEN 'reopened' THEN data || jsonb_build_object('after', 'open')
                WHEN 'assigned' THEN (data - 'to') || jsonb_build_object('after', data -> 'to',
                    'before', lag(data -> 'to') OVER (PARTITION BY ticket_id, kind ORDER BY id))
                WHEN 'callback' THEN (data - 'from' - 'to') || jsonb_build_object('after', jsonb_build_object(
                    'state', CASE WHEN data ->> 'what' IN ('kept', 'cancelled') THEN data ->> 'what' ELSE 'promised' END,
                    'from', data -> 'from', 'to', data -> 'to'))
                ELSE data END AS data
        FROM tickets_ticketevent
    ) told
) chained
WHERE line.id = chained.id;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE tickets_ticketevent ENABLE TRIGGER pgtrigger_append_only_2f517;
ALTER TABLE tickets_ticketevent ALTER COLUMN actor SET NOT NULL, ALTER COLUMN seq SET NOT NULL,
    ALTER COLUMN seq SET DEFAULT 0, ADD CHECK (seq >= 0), ALTER COLUMN digest SET NOT NULL,
    ALTER COLUMN digest SET DEFAULT '';
"""


class Migration(migrations.Migration):
    dependencies = [("agents", "0006_who_issued_and_revoked"), ("tickets", "0012_put_off_and_closed")]

    operations = [
        migrations.RunSQL(FUNCTIONS),
        migrations.RemoveIndex(
            model_name="ticketevent",
            name="tickets_event_of_ticket",
        ),
        migrations.RunSQL(
            COLUMNS + CHAIN,
            state_operations=[
                migrations.AddField(
                    model_name="ticketevent",
                    name="actor",
                    field=models.CharField(
                        choices=[
                            ("agent", "agent"),
                            ("customer", "customer"),
                            ("rule", "rule"),
                            ("system", "system"),
                        ],
                        max_length=8,
                    ),
                ),
                migrations.AddField(
                    model_name="ticketevent",
                    name="digest",
                    field=models.CharField(db_default="", editable=False, max_length=64),
                ),
                migrations.AddField(
                    model_name="ticketevent",
                    name="seq",
                    field=models.PositiveIntegerField(db_default=0, editable=False),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TicketProof",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ticket_proofs",
                        to="agents.brand",
                    ),
                ),
                ("at", models.DateTimeField(help_text="When it was proven.")),
                ("seconds", models.FloatField(help_text="How long the proof of all brands took.")),
                ("lines", models.PositiveBigIntegerField(help_text="How many lines were read.")),
                (
                    "newest",
                    models.PositiveBigIntegerField(help_text="The id of the last line that was read."),
                ),
                (
                    "broken",
                    models.PositiveIntegerField(
                        help_text="How many tickets have an audit that is not whole."
                    ),
                ),
                ("findings", models.JSONField(blank=True, default=list)),
            ],
            options={
                "verbose_name": "ticket proof",
            },
        ),
        migrations.AlterField(
            model_name="ticketevent",
            name="ticket",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="tickets.ticket",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketevent",
            constraint=models.UniqueConstraint(fields=("ticket", "seq"), name="tickets_ticketevent_seq_once"),
        ),
        migrations.AddConstraint(
            model_name="ticketevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("actor", "agent"), ("by__isnull", False)),
                    models.Q(("actor__in", ["customer", "rule", "system"]), ("by__isnull", True)),
                    _connector="OR",
                ),
                name="tickets_ticketevent_actor_fits",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__regex", "^[a-z_]+$")), name="tickets_ticketevent_kind_is_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("data__has_keys", ["before", "after"])),
                name="tickets_ticketevent_tells_change",
            ),
        ),
        migrations.AddIndex(
            model_name="ticketproof",
            index=models.Index(fields=["brand", "-at", "-id"], name="tickets_ticketproof_newest"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ticketevent",
            trigger=pgtrigger.compiler.Trigger(
                name="chained",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    SELECT seq, digest INTO NEW.seq, NEW.digest FROM tickets_ticketevent\n    WHERE ticket_id = NEW.ticket_id ORDER BY seq DESC LIMIT 1;\n    NEW.seq := coalesce(NEW.seq, 0) + 1;\n    NEW.digest := tickets_event_digest(coalesce(NEW.digest, ''), NEW.ticket_id, NEW.seq, NEW.kind, NEW.actor, NEW.by_id,\n        NEW.at, NEW.data);\n    RETURN NEW;\n    ",
                    hash="0e2698e9fb593719d35b69b125dd90ba0316f3eb",
                    operation="INSERT",
                    pgid="pgtrigger_chained_a3f29",
                    table="tickets_ticketevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
