-- Post what has ended by `at` on all these accounts, which are locked: of each one entry for all its lots that ended,
-- as far as nothing of it is held; what expires first goes first. As `Book.expire` does of one account.
CREATE FUNCTION loyalty_expire_all(accounts bigint[], at timestamptz, present timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    WITH ended AS MATERIALIZED (
        SELECT l.id, l.account_id, l.remaining,
            sum(l.remaining) OVER (PARTITION BY l.account_id ORDER BY l.expires_at, l.id) - l.remaining AS earlier
        FROM loyalty_lot l WHERE l.account_id = ANY (accounts) AND l.is_open AND l.expires_at <= at
    ), due AS MATERIALIZED (
        SELECT a.id, least(sum(e.remaining), a.balance - a.held) AS points, 'exp:' || a.id || ':' || a.version AS key
        FROM ended e JOIN loyalty_account a ON a.id = e.account_id
        GROUP BY a.id HAVING least(sum(e.remaining), a.balance - a.held) > 0
    ), posted AS (
        INSERT INTO loyalty_entry (
            account_id, seq, kind, contra, points, qualifying, balance_after, key, request_hash, "group",
            occurred_at, posted_at, counts_at, source, reason, breakdown
        )
        SELECT a.id, a.version + 1, 'expire', 'expire', -due.points, 0, a.balance - due.points, due.key,
            encode(sha256(convert_to('["' || due.key || '"]', 'UTF8')), 'hex'), '', at, present, at, '', '', '{}'
        FROM due JOIN loyalty_account a ON a.id = due.id
        RETURNING id, account_id, -points AS points
    ), taken AS MATERIALIZED (
        SELECT e.id AS lot, p.id AS entry, least(e.remaining, p.points - e.earlier) AS points
        FROM ended e JOIN posted p ON p.account_id = e.account_id WHERE p.points > e.earlier
    ), used AS (
        INSERT INTO loyalty_lotuse (entry_id, lot_id, points) SELECT entry, lot, points FROM taken
    ), emptied AS (
        UPDATE loyalty_lot l SET remaining = l.remaining - t.points, is_open = l.remaining > t.points
        FROM taken t WHERE l.id = t.lot
    ), ends AS (
        SELECT l.account_id, min(l.expires_at) AS first
        FROM loyalty_lot l LEFT JOIN taken t ON t.lot = l.id
        WHERE l.account_id = ANY (accounts) AND l.is_open AND l.remaining > coalesce(t.points, 0)
        GROUP BY l.account_id
    ), changes AS (
        SELECT a.id, coalesce(due.points, 0) AS points, ends.first
        FROM loyalty_account a LEFT JOIN due ON due.id = a.id LEFT JOIN ends ON ends.account_id = a.id
        WHERE a.id = ANY (accounts)
    )
    UPDATE loyalty_account a SET
        balance = a.balance - c.points,
        version = a.version + (c.points > 0)::int,
        lifetime_expired = a.lifetime_expired + c.points,
        next_expiry = c.first
    FROM changes c WHERE a.id = c.id;
END
$$;
