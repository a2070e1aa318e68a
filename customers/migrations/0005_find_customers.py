"""What finding a customer by name stands on: the words of the name without accents, in an index of trigrams."""

from django.contrib.postgres.operations import BtreeGinExtension, TrigramExtension, UnaccentExtension
from django.db import migrations

# Immutable, as a generated column needs it: the dictionary is named, so nothing depends on a search path.
FINDABLE = r"""
CREATE FUNCTION customers_findable(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT ' ' || btrim(regexp_replace(lower(public.unaccent('public.unaccent'::regdictionary, $1)),
        '[^[:alnum:]]+', ' ', 'g'))
$$
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0004_consent_append_only")]

    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        BtreeGinExtension(),
        migrations.RunSQL(FINDABLE, "DROP FUNCTION customers_findable(text)"),
    ]
