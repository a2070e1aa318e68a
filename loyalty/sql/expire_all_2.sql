-- Post what has ended by `at` on all these accounts, which are locked: of each one entry for all its lots that ended,
-- as far as nothing of it is held; what expires first goes first. As `Book.expire` does of one account.
-- No lot is looked for among those that were taken: a plan that takes the accounts for few asks each about every other.
CREATE OR REPLACE FUNCTION loyalty_expire_all(accounts bigint[], at timestamptz, present timestamptz) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    WITH ended AS MATERIALIZED (
        SELECT l.id, l.account_id, l.remaining,
            sum(l.remaining) OVER (PARTITION BY l.account_id ORDER BY l.expires_at, l.id) - l.remaining AS earlier
        FROM loyalty_lot l WHERE l.account_id = ANY (accounts) AND l.is_open AND l.expires_at <= at
    ), due AS (
        SELECT a.id, a.version, a.balance, least(e.points, a.balance - a.held) AS points,
            'exp:' || a.id || ':' || a.version AS key
        FROM (SELECT account_id, sum(remaining) AS points FROM ended GROUP BY account_id) e
            JOIN loyalty_account a ON a.id = e.account_id
        WHERE a.balance > a.held
    ), posted AS (
        INSERT INTO loyalty_entry (
            account_id, seq, kind, contra, points, qualifying, balance_after, key, request_hash, "group",
            occurred_at, posted_at, counts_at, source, reason, breakdown
        )
        SELECT id, version + 1, 'expire', 'expire', -points, 0, balance - points, key,
            encode(sha256(convert_to('["' || key || '"]', 'UTF8')), 'hex'), '', at, present, at, '', '', '{}'
        FROM due
        RETURNING id, account_id, -points AS points
    ), taken AS MATERIALIZED (
        SELECT e.id AS lot, p.id AS entry, least(e.remaining, p.points - e.earlier) AS points
        FROM ended e JOIN posted p ON p.account_id = e.account_id WHERE p.points > e.earlier
    ), used AS (
        INSERT INTO loyalty_lotuse (entry_id, lot_id, points) SELECT entry, lot, points FROM taken
    )
    UPDATE loyalty_lot l SET remaining = l.remaining - t.points, is_open = l.remaining > t.points
    FROM taken t WHERE l.id = t.lot;

    -- The accounts are locked: an entry after the last one can only be that of above.
    UPDATE loyalty_account a SET
        balance = a.balance + coalesce(e.points, 0),
        version = coalesce(e.seq, a.version),
        lifetime_expired = a.lifetime_expired - coalesce(e.points, 0),
        next_expiry = (
            SELECT l.expires_at FROM loyalty_lot l
            WHERE l.account_id = a.id AND l.is_open AND l.expires_at IS NOT NULL
            ORDER BY l.expires_at LIMIT 1
        )
    FROM loyalty_account b LEFT JOIN loyalty_entry e ON e.account_id = b.id AND e.seq = b.version + 1
    WHERE a.id = b.id AND b.id = ANY (accounts);
END
$$;
