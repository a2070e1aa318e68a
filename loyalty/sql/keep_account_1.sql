-- Write the figures of a locked account back, and when the earliest of its open lots ends.
CREATE FUNCTION loyalty_keep_account(account loyalty_account) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    ends timestamptz;
BEGIN
    SELECT l.expires_at INTO ends FROM loyalty_lot l
        WHERE l.account_id = account.id AND l.is_open AND l.expires_at IS NOT NULL
        ORDER BY l.expires_at LIMIT 1;
    UPDATE loyalty_account SET
        balance = account.balance,
        version = account.version,
        lifetime_earned = account.lifetime_earned,
        lifetime_redeemed = account.lifetime_redeemed,
        lifetime_expired = account.lifetime_expired,
        next_expiry = ends
    WHERE id = account.id;
END
$$;
