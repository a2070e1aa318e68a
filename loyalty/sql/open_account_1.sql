-- What every deed begins with, in this order: lock the account, stand in line for the key, look for what the key
-- made before, ask whether points may move, and count what is due to expire. Nothing is written here.
-- `code`: '' go on, 'repeat' (`entry` is the earlier one), or why not: no_account, key_conflict, account_not_active.
CREATE FUNCTION loyalty_open_account(
    wanted bigint, wanted_key text, request text, at timestamptz,
    OUT code text, OUT account loyalty_account, OUT entry bigint, OUT due int
)
LANGUAGE plpgsql AS $$
DECLARE
    earlier record;
BEGIN
    code := '';
    due := 0;
    SELECT * INTO account FROM loyalty_account WHERE id = wanted FOR UPDATE;
    IF account.id IS NULL THEN
        code := 'no_account';
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('loyalty_entry:' || wanted_key, 0));
    SELECT e.id, e.request_hash INTO earlier FROM loyalty_entry e WHERE e.key = wanted_key;
    IF FOUND THEN
        code := CASE WHEN earlier.request_hash = request THEN 'repeat' ELSE 'key_conflict' END;
        entry := earlier.id;
        RETURN;
    END IF;
    IF account.status <> 'active' THEN
        code := 'account_not_active';
        RETURN;
    END IF;
    SELECT coalesce(sum(l.remaining), 0) INTO due FROM loyalty_lot l
        WHERE l.account_id = wanted AND l.is_open AND l.expires_at <= at;
    due := least(due, greatest(0, account.balance - account.held));  -- what is held outlives its lot
END
$$;
