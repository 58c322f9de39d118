-- incidents by id, each row as long as every other in PostgreSQL's binary COPY format: data.ledger.ROW says what stands where
WITH chosen AS MATERIALIZED (SELECT * FROM incident WHERE {which}),
categories AS (SELECT code, row_number() OVER (ORDER BY code) - 1 AS place FROM category),
layers AS (SELECT code, row_number() OVER (ORDER BY code) - 1 AS place FROM grid_layer),
areas AS (SELECT path, row_number() OVER (ORDER BY path) - 1 AS place FROM area),
people AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM worker),
clocks AS (
    SELECT incident_id, {clocks}
    FROM clock WHERE {which_clocks} GROUP BY incident_id
)
SELECT i.id, c.place::int4, l.place::int4, coalesce(a.place, -1)::int4,
       (array_position('{statuses}'::text[], i.status) - 1)::int2,
       (coalesce(array_position('{dispositions}'::text[], i.disposition), 0) - 1)::int2,
       i.reported_at, i.filed_at, coalesce(i.closed_at, '-infinity'), coalesce(i.accepted_at, '-infinity'),
       coalesce(i.scene_at, '-infinity'), coalesce(i.handled_at, '-infinity'),
       i.reworks, i.reopenings, coalesce(h.place, -1)::int4, coalesce(d.place, -1)::int4,
       coalesce(i.stars, 0)::int2, coalesce(i.solved::int4, -1)::int2,
       {outcomes}
FROM chosen i
JOIN categories c ON c.code = i.category
JOIN layers l ON l.code = i.layer
LEFT JOIN areas a ON a.path = i.area_path
LEFT JOIN people h ON h.id = i.handler_id
LEFT JOIN people d ON d.id = i.department_id
LEFT JOIN clocks k ON k.incident_id = i.id
ORDER BY i.id
