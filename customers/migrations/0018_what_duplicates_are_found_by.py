"""What duplicates are found by: the mailbox behind an address, and who is still to be compared."""

from django.db import migrations, models

# Immutable, as an index needs it: first.last+shop@mail.example and firstlast@mail.example are one mailbox.
MAILBOX = r"""
CREATE FUNCTION customers_mailbox(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT replace(split_part(split_part($1, '@', 1), '+', 1), '.', '') || '@' || split_part($1, '@', 2)
$$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0006_who_issued_and_revoked"),
        ("customers", "0017_who_merges"),
    ]

    operations = [
        migrations.RunSQL(MAILBOX, "DROP FUNCTION customers_mailbox(text)"),
        migrations.AddField(
            model_name="customer",
            name="compared_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="When the same person was looked for; empty: it is due.",
                null=True,
            ),
        ),
        migrations.AddIndex(
            model_name="contactpoint",
            index=models.Index(
                models.F("brand"),
                models.Func(models.F("value"), function="customers_mailbox"),
                condition=models.Q(("kind", "mail"), ("removed_at__isnull", True)),
                name="customers_contactpoint_mailbox",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("compared_at__isnull", True), ("merged_into__isnull", True)),
                fields=["id"],
                name="customers_customer_to_compare",
            ),
        ),
    ]
