-- how many of the fixes, one of each worker, were newer than what stood; locks in the order of ids
WITH kept AS (
    INSERT INTO worker_position AS p (worker_id, point, cell, accuracy_m, fixed_at, given_datum, heard_at)
    SELECT id, st_setsrid(st_makepoint(lng, lat), 4326), cell, accuracy_m, to_timestamp(fixed_at), datum, clock_timestamp()
    FROM unnest(CAST(:ids AS uuid[]), CAST(:lng AS float8[]), CAST(:lat AS float8[]), CAST(:cells AS bigint[]),
                CAST(:accuracy_m AS float8[]), CAST(:fixed_at AS float8[]), CAST(:datum AS text[]))
        AS given (id, lng, lat, cell, accuracy_m, fixed_at, datum)
    ORDER BY id
    ON CONFLICT (worker_id) DO UPDATE
    SET point = excluded.point, cell = excluded.cell, accuracy_m = excluded.accuracy_m,
        fixed_at = excluded.fixed_at, given_datum = excluded.given_datum, changed = pg_current_xact_id(),
        heard_at = excluded.heard_at, still = false
    WHERE excluded.fixed_at > p.fixed_at
    RETURNING 1
)
SELECT count(*) FROM kept
