-- Give points as a lot of their own that lives `months` (NULL: the programme's validity); a debt is paid with it
-- first. loyalty.services.earn says what of. A refusal has written nothing.
CREATE OR REPLACE FUNCTION loyalty_earn(
    wanted bigint, points int, contra text, key text, request text, at timestamptz, present timestamptz,
    actor bigint, source text, reason text, qualifying int, months int, breakdown jsonb,
    OUT code text, OUT entry bigint, OUT seq int, OUT balance_after int, OUT available int, OUT status text
)
LANGUAGE plpgsql AS $$
DECLARE
    opened record;
    account loyalty_account;
    due int;
    owed int;
    lot bigint;
    ends timestamptz;
BEGIN
    SELECT * INTO opened FROM loyalty_open_account(wanted, key, request, least(at, present));
    code := opened.code;
    entry := opened.entry;
    account := opened.account;
    due := opened.due;
    status := account.status;
    IF code <> '' THEN
        RETURN;
    END IF;
    account := loyalty_expire_due(account, due, least(at, present), present);
    account.version := account.version + 1;
    account.balance := account.balance + points;
    account.lifetime_earned := account.lifetime_earned + points;
    entry := loyalty_post(
        account, 'earn', contra, points, qualifying, key, request, at, present, actor, source, reason, breakdown
    );
    SELECT loyalty_end_of(at, coalesce(nullif(months, 0), p.validity_months), p) INTO ends
        FROM loyalty_programme p WHERE p.id = account.programme_id;
    owed := least(points, greatest(0, points - account.balance));
    INSERT INTO loyalty_lot (account_id, entry_id, granted, remaining, is_open, contra, expires_at)
        VALUES (account.id, entry, points, points - owed, points > owed, contra, ends)
        RETURNING id INTO lot;
    IF owed > 0 THEN
        INSERT INTO loyalty_lotuse (entry_id, lot_id, points) VALUES (entry, lot, owed);
    END IF;
    PERFORM loyalty_keep_account(account);
    seq := account.version;
    balance_after := account.balance;
END
$$;
