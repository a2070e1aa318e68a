-- Post `due` points of lots that ended by `at`, if any; gives the account as it is after that.
CREATE FUNCTION loyalty_expire_due(INOUT account loyalty_account, due int, at timestamptz, present timestamptz)
LANGUAGE plpgsql AS $$
DECLARE
    key text := 'exp:' || account.id || ':' || account.version;
    entry bigint;
BEGIN
    IF due <= 0 THEN
        RETURN;
    END IF;
    account.version := account.version + 1;
    account.balance := account.balance - due;
    account.lifetime_expired := account.lifetime_expired + due;
    entry := loyalty_post(
        account, 'expire', 'expire', -due, 0, key, encode(sha256(convert_to('["' || key || '"]', 'UTF8')), 'hex'),
        at, present, NULL, '', '', '{}'
    );
    PERFORM loyalty_use_lots(account.id, entry, due, at);
END
$$;
