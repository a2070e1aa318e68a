-- When points of `at` that live `months` end, in the way the programme chose, as Programme.end_of has it; NULL where
-- only inactivity ends them.
CREATE FUNCTION loyalty_end_of(at timestamptz, months int, p loyalty_programme) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
    aged timestamptz;
    last date;
    found date;
BEGIN
    IF p.expiry_mode = 'inactivity' THEN
        RETURN NULL;
    END IF;
    aged := loyalty_months_on(at, months, p.time_zone);
    IF p.expiry_mode <> 'fixed_day' THEN
        RETURN aged;
    END IF;
    last := ((aged - interval '1 microsecond') AT TIME ZONE p.time_zone)::date;
    FOR year IN extract(year FROM last)::int .. extract(year FROM last)::int + 1 LOOP
        found := make_date(year, p.expiry_month, 1);
        found := least(found + p.expiry_day - 1, (found + interval '1 month - 1 day')::date);
        EXIT WHEN found >= last;
    END LOOP;
    RETURN loyalty_months_on((found + time '12:00') AT TIME ZONE p.time_zone, 0, p.time_zone);
END
$$;
