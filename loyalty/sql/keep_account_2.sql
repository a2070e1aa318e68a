-- Write the figures of a locked account back, and when the earliest of its open lots ends.
CREATE OR REPLACE FUNCTION loyalty_keep_account(account loyalty_account) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE loyalty_account SET
        balance = account.balance,
        version = account.version,
        lifetime_earned = account.lifetime_earned,
        lifetime_redeemed = account.lifetime_redeemed,
        lifetime_expired = account.lifetime_expired,
        next_expiry = (
            SELECT l.expires_at FROM loyalty_lot l
            WHERE l.account_id = account.id AND l.is_open AND l.expires_at IS NOT NULL
            ORDER BY l.expires_at LIMIT 1
        )
    WHERE id = account.id;
END
$$;
