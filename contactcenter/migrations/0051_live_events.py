"""What changed, for the screens that show it: the table, and the triggers that write into it.

Every trigger stands on the one table into which all writers of its kind of change write anyhow, runs once a statement
and costs it no question more. A statement, or a transaction of many, that changes more than 20 things of one kind
says 0, "many", in place of each.
"""

import django.db.models.functions.datetime
from django.db import migrations, models

import contactcenter.live

MANY = 20

# What is told stands in {told}: rows of topic, kind, ref.
TRIGGER = """
CREATE FUNCTION contactcenter_told_{table}_{on}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH told AS (SELECT DISTINCT topic, kind, ref FROM ({told}) each (topic, kind, ref)),
    counted AS (SELECT topic, kind, ref, count(*) OVER (PARTITION BY topic, kind) AS now FROM told)
    INSERT INTO contactcenter_event (topic, kind, ref)
    SELECT DISTINCT c.topic, c.kind, CASE WHEN c.now + (
        SELECT count(*) FROM contactcenter_event e
        WHERE e.tx = pg_current_xact_id() AND e.topic = c.topic AND e.kind = c.kind
    ) > {many} THEN 0 ELSE c.ref END
    FROM counted c
    ON CONFLICT (tx, topic, kind, ref) DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER told_{on} AFTER {on} ON {table} REFERENCING {seen}
    FOR EACH STATEMENT EXECUTE FUNCTION contactcenter_told_{table}_{on}();
"""
FORGET = "DROP TRIGGER told_{on} ON {table}; DROP FUNCTION contactcenter_told_{table}_{on}();"
SEEN = {"insert": "NEW TABLE AS added", "update": "OLD TABLE AS before NEW TABLE AS added"}

OF_TICKET = """
SELECT 'brand:' || t.brand_id, 'ticket', coalesce(t.merged_into_id, t.id)
FROM (SELECT DISTINCT ticket_id FROM added) a JOIN tickets_ticket t ON t.id = a.ticket_id
"""
SENT = OF_TICKET.replace(
    "FROM added", "FROM added JOIN before USING (id, ticket_id) WHERE added.state <> before.state"
)
OF_CLOCK = """
SELECT 'brand:' || t.brand_id, 'ticket', coalesce(t.merged_into_id, t.id)
FROM (SELECT DISTINCT clock_id FROM added) a JOIN tickets_clock c ON c.id = a.clock_id
JOIN tickets_ticket t ON t.id = c.ticket_id
"""
ENROLLED = "SELECT 'brand:' || brand_id, 'account', customer_id FROM added"
POINTS = """
SELECT 'brand:' || n.brand_id, 'account', n.customer_id FROM added n JOIN before o USING (id)
WHERE (n.balance, n.held, n.pending, n.status, n.tier_id, n.customer_id)
    IS DISTINCT FROM (o.balance, o.held, o.pending, o.status, o.tier_id, o.customer_id)
"""
INCIDENT = "SELECT 'brand:' || brand_id, 'incident', ticket_id FROM added"
OF_CALLBACK = """
SELECT 'brand:' || brand_id, 'callback', id FROM added
UNION ALL SELECT 'agent:' || owner_id, 'due', 0 FROM added WHERE owner_id IS NOT NULL
UNION ALL SELECT 'agent:' || offered_to_id, 'due', 0 FROM added WHERE offered_to_id IS NOT NULL
"""
GONE_FROM = """
UNION ALL SELECT 'agent:' || o.owner_id, 'due', 0 FROM before o JOIN added n USING (id)
WHERE o.owner_id IS NOT NULL AND o.owner_id IS DISTINCT FROM n.owner_id
UNION ALL SELECT 'agent:' || o.offered_to_id, 'due', 0 FROM before o JOIN added n USING (id)
WHERE o.offered_to_id IS NOT NULL AND o.offered_to_id IS DISTINCT FROM n.offered_to_id
"""
OF_CALL = """
SELECT 'brand:' || c.brand_id, 'call', c.id
FROM (SELECT DISTINCT callback_id FROM added) a JOIN callbacks_callback c ON c.id = a.callback_id
"""
TOLD = "SELECT 'agent:' || agent_id, 'bell', 0 FROM added"
READ = """
SELECT 'agent:' || agent_id, 'bell', 0 FROM added n JOIN before o USING (id, agent_id)
WHERE n.read_at IS DISTINCT FROM o.read_at
"""
HERE = """
SELECT 'agent:' || agent_id, 'presence', agent_id FROM added
UNION ALL SELECT 'brand:' || b.brand_id, 'crew', added.agent_id
FROM added JOIN agents_agent_brands b ON b.agent_id = added.agent_id
"""
MOVED = """
WITH moved AS (
    SELECT n.agent_id FROM added n JOIN before o USING (agent_id)
    WHERE (n.kind, n.reason_id) IS DISTINCT FROM (o.kind, o.reason_id)
)
SELECT 'agent:' || agent_id, 'presence', agent_id FROM moved
UNION ALL SELECT 'brand:' || b.brand_id, 'crew', moved.agent_id
FROM moved JOIN agents_agent_brands b ON b.agent_id = moved.agent_id
"""

HOMES = [
    ("tickets_ticketevent", "insert", OF_TICKET),
    ("tickets_message", "insert", OF_TICKET),
    ("tickets_message", "update", SENT),
    ("tickets_clockfact", "insert", OF_CLOCK),
    ("loyalty_account", "insert", ENROLLED),
    ("loyalty_account", "update", POINTS),
    ("goodwill_incidentgrant", "insert", INCIDENT),
    ("goodwill_incidentgrant", "update", INCIDENT),
    ("callbacks_callback", "insert", OF_CALLBACK),
    ("callbacks_callback", "update", OF_CALLBACK + GONE_FROM),
    ("callbacks_attempt", "insert", OF_CALL),
    ("callbacks_attempt", "update", OF_CALL),
    ("agents_notification", "insert", TOLD),
    ("agents_notification", "update", READ),
    ("agents_presence", "insert", HERE),
    ("agents_presence", "update", MOVED),
]


def tells(table, on, told):
    """Have `table` tell of what was written into it."""
    return migrations.RunSQL(
        TRIGGER.format(table=table, on=on, told=told, seen=SEEN[on], many=MANY),
        FORGET.format(table=table, on=on),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("contactcenter", "0050_who_directs_callbacks"),
        ("agents", "0040_notifications_of_an_agent"),
        ("callbacks", "0008_whole_life"),
        ("goodwill", "0014_lines_of_one_brand"),
        ("loyalty", "0046_given_as_goodwill"),
        ("tickets", "0046_kind_of_request"),
    ]

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("tx", contactcenter.live.Xid8(db_default=contactcenter.live.ThisTransaction())),
                ("topic", models.CharField(max_length=30)),
                ("kind", models.CharField(max_length=20)),
                ("ref", models.BigIntegerField()),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tx", "topic", "kind", "ref"), name="contactcenter_event_told_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("topic__regex", "^(brand|agent):[0-9]+$")),
                        name="contactcenter_event_topic_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__regex", "^[a-z]+$")),
                        name="contactcenter_event_kind_is_code",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ref__gte", 0)), name="contactcenter_event_ref_is_id"
                    ),
                ],
            },
        ),
        *(tells(*home) for home in HOMES),
    ]
