-- max(balance, 0) of an account is what is left in its lots: asked at commit, once for each account that changed.
-- Of several changes of one account in a transaction the last asks for all. `loyalty.check` = off switches it off.
CREATE OR REPLACE FUNCTION loyalty_check_account() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    owned int;
    left_over bigint;
BEGIN
    IF current_setting('loyalty.check', true) = 'off' THEN
        RETURN NULL;
    END IF;
    SELECT a.balance,
        (SELECT coalesce(sum(l.remaining), 0) FROM loyalty_lot l WHERE l.account_id = a.id AND l.is_open)
    INTO owned, left_over FROM loyalty_account a WHERE a.id = NEW.id AND a.version = NEW.version;
    IF left_over <> greatest(owned, 0) THEN
        RAISE EXCEPTION 'account %: balance %, but % in its lots', NEW.id, owned, left_over
            USING ERRCODE = 'check_violation', CONSTRAINT = 'loyalty_account_lots_add_up';
    END IF;
    RETURN NULL;
END
$$;
