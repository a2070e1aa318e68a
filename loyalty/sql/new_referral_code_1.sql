-- Ten signs drawn from 31 (no 0, 1, I, L, O): some 49 bits of a random UUID, of bytes that are random whole.
CREATE FUNCTION loyalty_new_referral_code() RETURNS text LANGUAGE sql VOLATILE AS $$
SELECT string_agg(substr('23456789ABCDEFGHJKMNPQRSTUVWXYZ', get_byte(drawn, place) % 31 + 1, 1), '')
FROM (SELECT uuid_send(gen_random_uuid()) AS drawn) AS one, unnest(ARRAY[0, 1, 2, 3, 4, 5, 10, 11, 12, 13]) AS place
$$;
