-- The local midnight that ends the day `months` after `at` in `zone`, as loyalty.tier_windows.months_on has it:
-- the 31st becomes the last of a shorter month, and of a midnight that comes twice it is the first.
CREATE FUNCTION loyalty_months_on(at timestamptz, months int, zone text) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
    midnight timestamp := ((at AT TIME ZONE zone)::date + make_interval(months => months))::date + 1;
    found timestamptz := midnight AT TIME ZONE zone;
BEGIN
    IF ((found - interval '1 hour') AT TIME ZONE zone) = midnight THEN
        found := found - interval '1 hour';
    END IF;
    RETURN found;
END
$$;
