-- every grid of a layer with the persons at home in it or below, and how many of them are among :on; by the area's code
WITH home AS MATERIALIZED (
    SELECT w.area_path, count(*) AS workers, count(o.id) AS on_duty
    FROM worker w LEFT JOIN unnest(CAST(:on AS uuid[])) AS o (id) ON o.id = w.id
    WHERE w.kind = 'person' AND w.area_path IS NOT NULL GROUP BY w.area_path
)
SELECT a.code, g.name, coalesce(sum(h.workers), 0)::int AS workers, coalesce(sum(h.on_duty), 0)::int AS on_duty
FROM grid g JOIN area a ON a.id = g.area_id LEFT JOIN home h ON h.area_path <@ a.path
WHERE g.layer = :layer AND g.valid @> clock_timestamp() AND (CAST(:path AS text) IS NULL OR a.path <@ text2ltree(:path))
GROUP BY a.code, g.name ORDER BY a.code
