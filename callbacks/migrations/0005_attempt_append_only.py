"""What came of a try to keep a promise is written once."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("callbacks", "0004_one_customer"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="attempt",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="0abcf7222bdf083ac379a46f613c3d384b134c41",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_de570",
                    table="callbacks_attempt",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attempt",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;",
                    hash="2fcec0defbf4c1fc0edd9a599e1419753b24db7d",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_bb1b7",
                    table="callbacks_attempt",
                    when="BEFORE",
                ),
            ),
        ),
    ]
