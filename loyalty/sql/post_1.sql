-- Write the next entry of a locked account, whose balance and version are those after it; gives its id.
CREATE FUNCTION loyalty_post(
    account loyalty_account, kind text, contra text, points int, qualifying int, key text, request text,
    at timestamptz, present timestamptz, actor bigint, source text, reason text, breakdown jsonb
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    entry bigint;
BEGIN
    INSERT INTO loyalty_entry (
        account_id, seq, kind, contra, points, qualifying, balance_after, key, request_hash, "group", occurred_at,
        posted_at, counts_at, actor_id, source, reason, breakdown
    )
    VALUES (
        account.id, account.version, kind, contra, points, qualifying, account.balance, key, request, '', at,
        present, at, actor, source, reason, breakdown
    )
    RETURNING id INTO entry;
    RETURN entry;
END
$$;
