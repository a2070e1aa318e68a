"""Policies and calendars join no two brands, and every ticket that waits for an answer has a clock that says so."""

from django.db import migrations


def same_brand(table: str, column: str, parent: str) -> migrations.RunSQL:
    """A key over (`column`, brand_id): the row and its `parent` are of one brand, the database sees to it."""
    name = f"{table}_{column}_of_one_brand"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} "
        f"FOREIGN KEY ({column}, brand_id) REFERENCES {parent} (id, brand_id) DEFERRABLE INITIALLY IMMEDIATE",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


# What was answered once has had its first answer; what is due is due as it stood, around the clock.
CLOCKS = """
INSERT INTO tickets_clock (ticket_id, kind, turn, target, used, started_at, since, ended_at, seq, was_met)
SELECT t.id, 'first', 1, make_interval(mins => q.reply_minutes), t.last_message_at - t.opened_at, t.opened_at,
       t.last_message_at, t.last_message_at, 2, true
  FROM tickets_ticket t JOIN tickets_queue q ON q.id = t.queue_id
 WHERE t.is_open AND EXISTS (SELECT FROM tickets_message m WHERE m.ticket_id = t.id AND m.kind = 'outbound');
INSERT INTO tickets_clock (ticket_id, kind, turn, target, used, started_at, since, due_at, next_at, seq, was_met)
SELECT t.id, CASE WHEN c.id IS NULL THEN 'first' ELSE 'next' END, 1, make_interval(mins => q.reply_minutes), '0',
       t.due_at - make_interval(mins => q.reply_minutes), t.due_at - make_interval(mins => q.reply_minutes), t.due_at,
       t.due_at - make_interval(mins => q.reply_minutes) / 4, 1, false
  FROM tickets_ticket t JOIN tickets_queue q ON q.id = t.queue_id LEFT JOIN tickets_clock c ON c.ticket_id = t.id
 WHERE t.due_at IS NOT NULL;
INSERT INTO tickets_clockfact (clock_id, seq, kind, at, target)
SELECT id, 1, 'started', started_at, target FROM tickets_clock;
INSERT INTO tickets_clockfact (clock_id, seq, kind, at, target)
SELECT id, 2, 'met', ended_at, target FROM tickets_clock WHERE ended_at IS NOT NULL;
UPDATE tickets_ticket t SET due_kind = c.kind, due_since = c.started_at
  FROM tickets_clock c WHERE c.ticket_id = t.id AND c.due_at IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0010_clocks")]

    operations = [
        same_brand("tickets_calendar", "hours_id", "tickets_hoursversion"),
        same_brand("tickets_slapolicy", "calendar_id", "tickets_calendar"),
        same_brand("tickets_slapolicy", "queue_id", "tickets_queue"),
        same_brand("tickets_slapolicy", "escalate_to_id", "tickets_queue"),
        migrations.RunSQL(CLOCKS, migrations.RunSQL.noop),
    ]
