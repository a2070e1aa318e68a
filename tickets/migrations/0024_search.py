"""The words of tickets as the search looks for them, kept by triggers: the index is never behind a commit."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# Three shelves: of 4,096, 32,768 and 262,144 ids. tickets/search/shelves.py has the same.
SHELVES = """
CREATE FUNCTION tickets_shelves(brand bigint, ticket bigint) RETURNS bigint[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT ARRAY[(brand << 36) + (ticket >> 12), (brand << 36) + (1::bigint << 32) + (ticket >> 15),
        (brand << 36) + (2::bigint << 32) + (ticket >> 18)]
$$
"""

# A vector holds a megabyte at most, and a message must never be refused for its words: only the first 200,000 signs
# are read, and the first 20,000 where even these are too much.
VECTOR = """
CREATE FUNCTION tickets_vector(language regconfig, said text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
BEGIN
    IF length(said) <= 20000 THEN
        RETURN to_tsvector(language, said);
    END IF;
    BEGIN
        RETURN to_tsvector(language, left(said, 200000));
    EXCEPTION WHEN program_limit_exceeded THEN
        RETURN to_tsvector(language, left(said, 20000));
    END;
END
$$
"""

# One more message joins the last part of its ticket, or begins the next when that part is long: so a message costs
# its own words and those of a few thousand at most, however long the conversation.
ADD = """
CREATE FUNCTION tickets_add_words(of_ticket bigint, said text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    of_brand bigint;
    added tsvector;
    part_id bigint;
    last_part int;
    known tsvector;
BEGIN
    SELECT t.brand_id, tickets_vector(b.search_language::regconfig, said) INTO of_brand, added
    FROM tickets_ticket t JOIN agents_brand b ON b.id = t.brand_id WHERE t.id = of_ticket;
    IF added IS NULL OR length(added) = 0 THEN
        RETURN;
    END IF;
    SELECT id, part, words || ''::tsvector INTO part_id, last_part, known FROM tickets_ticketwords
    WHERE ticket_id = of_ticket ORDER BY part DESC LIMIT 1 FOR UPDATE;
    IF part_id IS NOT NULL AND length(known) + length(added) <= 4000
            AND pg_column_size(known) + pg_column_size(added) <= 200000 THEN
        UPDATE tickets_ticketwords SET words = known || added WHERE id = part_id;
    ELSE
        INSERT INTO tickets_ticketwords (ticket_id, brand_id, part, words)
        VALUES (of_ticket, of_brand, COALESCE(last_part + 1, 0), added);
    END IF;
END
$$
"""

AGAIN = """
CREATE FUNCTION tickets_words_again(of_ticket bigint) RETURNS void LANGUAGE plpgsql AS $$
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

# The ticket and its brand are one key, and where a ticket goes its words go.
OF_ITS_TICKET = """
ALTER TABLE tickets_ticketwords ADD CONSTRAINT tickets_ticketwords_ticket_id_of_one_brand
    FOREIGN KEY (ticket_id, brand_id) REFERENCES tickets_ticket (id, brand_id) ON DELETE CASCADE
    DEFERRABLE INITIALLY IMMEDIATE
"""


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0008_search_language"),
        ("tickets", "0023_kinds_of_events"),
    ]

    operations = [
        migrations.RunSQL(SHELVES, "DROP FUNCTION tickets_shelves(bigint, bigint)"),
        migrations.RunSQL(VECTOR, "DROP FUNCTION tickets_vector(regconfig, text)"),
        migrations.RunSQL(ADD, "DROP FUNCTION tickets_add_words(bigint, text)"),
        migrations.RunSQL(AGAIN, "DROP FUNCTION tickets_words_again(bigint)"),
        migrations.CreateModel(
            name="TicketWords",
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
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agents.brand",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="words",
                        to="tickets.ticket",
                    ),
                ),
                ("part", models.PositiveSmallIntegerField(default=0)),
                ("words", django.contrib.postgres.search.SearchVectorField()),
                (
                    "shelves",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.F("brand"), models.F("ticket"), function="tickets_shelves"
                        ),
                        output_field=django.contrib.postgres.fields.ArrayField(
                            base_field=models.BigIntegerField(), size=None
                        ),
                    ),
                ),
            ],
            options={"verbose_name_plural": "ticket words"},
        ),
        migrations.AddConstraint(
            model_name="ticketwords",
            constraint=models.UniqueConstraint(
                fields=("ticket", "part"), name="tickets_ticketwords_part_once"
            ),
        ),
        migrations.RunSQL(
            OF_ITS_TICKET,
            "ALTER TABLE tickets_ticketwords DROP CONSTRAINT tickets_ticketwords_ticket_id_of_one_brand",
        ),
        migrations.RunSQL("SELECT tickets_words_again(id) FROM tickets_ticket", migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="ticketwords",
            index=django.contrib.postgres.indexes.GinIndex(
                fastupdate=False, fields=["shelves", "words"], name="tickets_ticketwords_found"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="message",
            trigger=pgtrigger.compiler.Trigger(
                name="text_is_found",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NOT (NEW.\"text\" = ''))",
                    func="PERFORM tickets_add_words(NEW.ticket_id, NEW.text); RETURN NULL;",
                    hash="924edc16e693b62f40101ccc5098961216b74996",
                    operation="INSERT",
                    pgid="pgtrigger_text_is_found_5522a",
                    table="tickets_message",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="message",
            trigger=pgtrigger.compiler.Trigger(
                name="new_text_is_found",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."text" IS DISTINCT FROM (NEW."text") OR OLD."ticket_id" IS DISTINCT FROM (NEW."ticket_id"))',
                    func="PERFORM tickets_words_again(NEW.ticket_id); IF OLD.ticket_id <> NEW.ticket_id THEN PERFORM tickets_words_again(OLD.ticket_id); END IF; RETURN NULL;",
                    hash="a3faefe71260365c26db18477b749ba1b9e99aa1",
                    operation='UPDATE OF "text", "ticket_id"',
                    pgid="pgtrigger_new_text_is_found_b6c53",
                    table="tickets_message",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="message",
            trigger=pgtrigger.compiler.Trigger(
                name="gone_text_is_not_found",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM tickets_words_again(OLD.ticket_id); RETURN NULL;",
                    hash="7adc5abe8ced4612ad57f92ae1234fe9b84f7cf4",
                    operation="DELETE",
                    pgid="pgtrigger_gone_text_is_not_found_5bea1",
                    table="tickets_message",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ticket",
            trigger=pgtrigger.compiler.Trigger(
                name="subject_is_found",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO tickets_ticketwords (ticket_id, brand_id, part, words) SELECT t.id, t.brand_id, 0, setweight(to_tsvector(b.search_language::regconfig, t.subject), 'A') FROM opened t JOIN agents_brand b ON b.id = t.brand_id; RETURN NULL;",
                    hash="f73c7a50659475a2d322d328fe81c349d0232934",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_subject_is_found_d3447",
                    referencing="REFERENCING NEW TABLE AS opened ",
                    table="tickets_ticket",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ticket",
            trigger=pgtrigger.compiler.Trigger(
                name="new_subject_is_found",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."subject" IS DISTINCT FROM (NEW."subject"))',
                    func="PERFORM tickets_words_again(NEW.id); RETURN NULL;",
                    hash="fcdb610458567154bcdbe8c6b63c0a27b32e9173",
                    operation='UPDATE OF "subject"',
                    pgid="pgtrigger_new_subject_is_found_6a5d8",
                    table="tickets_ticket",
                    when="AFTER",
                ),
            ),
        ),
    ]
