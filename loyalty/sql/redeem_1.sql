-- Spend points: loyalty.services.redeem says what of. A refusal has written nothing.
CREATE FUNCTION loyalty_redeem(
    wanted bigint, points int, contra text, key text, request text, at timestamptz, present timestamptz,
    actor bigint, source text, reason text,
    OUT code text, OUT entry bigint, OUT seq int, OUT balance_after int, OUT available int, OUT status text
)
LANGUAGE plpgsql AS $$
DECLARE
    opened record;
    account loyalty_account;
    due int;
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
    available := greatest(0, account.balance - due - account.held);
    IF available < points THEN
        code := 'not_enough_points';
        RETURN;
    END IF;
    account := loyalty_expire_due(account, due, least(at, present), present);
    account.version := account.version + 1;
    account.balance := account.balance - points;
    account.lifetime_redeemed := account.lifetime_redeemed + points;
    entry := loyalty_post(
        account, 'redeem', contra, -points, 0, key, request, at, present, actor, source, reason, '{}'
    );
    PERFORM loyalty_use_lots(account.id, entry, points, NULL);
    PERFORM loyalty_keep_account(account);
    seq := account.version;
    balance_after := account.balance;
END
$$;
