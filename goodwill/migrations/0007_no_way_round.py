"""No points of goodwill without a request that was posted: whatever writes the entry, the database asks at commit.

An entry belongs to the request that names it, or whose key it bears: gw: and the key. (Where a merge is undone the points
go to another account, and the request names the entry there; keys of entries are unique, so none is used twice.)
"""

from django.db import migrations

ASK = """
CREATE FUNCTION goodwill_entry_has_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM goodwill_request
        WHERE (entry_id = NEW.id OR (left(NEW.key, 3) = 'gw:' AND key = substr(NEW.key, 4))) AND state IN ('posted', 'undone', 'reversed')
    ) THEN
        RAISE EXCEPTION 'Entry % gives goodwill that nobody asked for', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'goodwill_entry_has_request', TABLE = 'loyalty_entry';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER goodwill_entry_has_request AFTER INSERT ON loyalty_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.contra = 'issue.goodwill' AND NEW.points > 0 AND NEW.kind <> 'reverse') EXECUTE FUNCTION goodwill_entry_has_request();
"""
FORGET = """
DROP TRIGGER goodwill_entry_has_request ON loyalty_entry;
DROP FUNCTION goodwill_entry_has_request();
"""


class Migration(migrations.Migration):
    dependencies = [("goodwill", "0006_asked_and_approved")]

    operations = [migrations.RunSQL(ASK, FORGET)]
