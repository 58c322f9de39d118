-- code, name, level and its names, path, how many children (areas), grids in force by layer (JSON text) and households one may see:
-- per area under :under (empty: without a parent), by code
WITH child AS (
    SELECT a.id, a.code, a.name, a.level, a.path FROM area a LEFT JOIN area p ON p.id = a.parent_id
    WHERE CASE WHEN :under = '' THEN a.parent_id IS NULL ELSE p.code = :under END
),
below AS (SELECT c.id AS child, a.id FROM child c JOIN area a ON a.path <@ c.path),
grids AS (
    SELECT counted.child, jsonb_object_agg(counted.layer, counted.grids) AS grids FROM (
        SELECT b.child, g.layer, count(*) AS grids FROM below b JOIN grid g ON g.area_id = b.id
        WHERE g.valid @> clock_timestamp() GROUP BY b.child, g.layer) AS counted
    GROUP BY counted.child
),
homes AS (SELECT b.child, count(*) AS households FROM below b JOIN household h ON h.area_id = b.id GROUP BY b.child),
areas AS (SELECT a.parent_id, count(*) AS areas FROM area a GROUP BY a.parent_id)
SELECT c.code, c.name, c.level, l.name AS level_name, l.name_en AS level_name_en, ltree2text(c.path) AS path,
    coalesce(n.areas, 0) AS areas, coalesce(g.grids, '{}')::text AS grids, coalesce(h.households, 0) AS households
FROM child c JOIN area_level l ON l.code = c.level
LEFT JOIN areas n ON n.parent_id = c.id LEFT JOIN grids g ON g.child = c.id LEFT JOIN homes h ON h.child = c.id
ORDER BY c.code
