-- max(balance, 0) of an account is what is left in its lots: asked at commit, once for each account that changed.
-- Of several changes of one account in a transaction the last asks for all. `loyalty.check` = off switches it off.
CREATE FUNCTION loyalty_check_account() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    owned int;
    latest int;
    left_over bigint;
BEGIN
    IF current_setting('loyalty.check', true) = 'off' THEN
        RETURN NULL;
    END IF;
    SELECT a.balance, a.version INTO owned, latest FROM loyalty_account a WHERE a.id = NEW.id;
    IF latest IS DISTINCT FROM NEW.version THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(sum(l.remaining), 0) INTO left_over FROM loyalty_lot l
        WHERE l.account_id = NEW.id AND l.is_open;
    IF left_over <> greatest(owned, 0) THEN
        RAISE EXCEPTION 'account %: balance %, but % in its lots', NEW.id, owned, left_over
            USING ERRCODE = 'check_violation', CONSTRAINT = 'loyalty_account_lots_add_up';
    END IF;
    RETURN NULL;
END
$$;
