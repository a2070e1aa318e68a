-- The same for a lot that changed. Where the account was written by this transaction too, its own trigger asks: so
-- a deed that writes many lots has each account looked at once. Within a savepoint both ask, which is only slower.
CREATE FUNCTION loyalty_check_lot() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    owner bigint := coalesce(NEW.account_id, OLD.account_id);
    owned int;
    written xid;
    left_over bigint;
BEGIN
    IF current_setting('loyalty.check', true) = 'off' THEN
        RETURN NULL;
    END IF;
    SELECT a.balance, a.xmin INTO owned, written FROM loyalty_account a WHERE a.id = owner;
    IF written = pg_current_xact_id()::xid THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(sum(l.remaining), 0) INTO left_over FROM loyalty_lot l WHERE l.account_id = owner AND l.is_open;
    IF left_over <> greatest(owned, 0) THEN
        RAISE EXCEPTION 'account %: balance %, but % in its lots', owner, owned, left_over
            USING ERRCODE = 'check_violation', CONSTRAINT = 'loyalty_account_lots_add_up';
    END IF;
    RETURN NULL;
END
$$;
