-- Take `points` for an entry from the open lots of an account, what expires first goes first. With `until`, only
-- from lots that end by then. The account is locked by whoever calls.
CREATE FUNCTION loyalty_use_lots(account bigint, entry bigint, points int, until timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    lot record;
    taken int;
BEGIN
    FOR lot IN
        SELECT l.id, l.remaining FROM loyalty_lot l
        WHERE l.account_id = account AND l.is_open AND (until IS NULL OR l.expires_at <= until)
        ORDER BY l.expires_at, l.id
    LOOP
        EXIT WHEN points <= 0;
        taken := least(points, lot.remaining);
        UPDATE loyalty_lot SET remaining = remaining - taken, is_open = remaining > taken WHERE id = lot.id;
        INSERT INTO loyalty_lotuse (entry_id, lot_id, points) VALUES (entry, lot.id, taken);
        points := points - taken;
    END LOOP;
END
$$;
