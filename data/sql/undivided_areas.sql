-- the areas with a shape that have no areas with a shape below them above the level of grids, by path; whether basic grids of
-- the layer, in force or planned, stand on their ground; what there is to count homes by: the first of households,
-- buildings, addresses, streets
SELECT a.id, a.code, a.name, st_asbinary(a.shape) AS shape,
    EXISTS (
        SELECT FROM grid g WHERE g.layer = :layer AND g.kind = 'basic' AND (upper_inf(g.valid) OR upper(g.valid) > now())
        AND g.shape && a.shape AND st_covers(a.shape, st_pointonsurface(g.shape))
    ) AS divided,
    CASE
        WHEN EXISTS (SELECT FROM household h WHERE h.point && a.shape AND st_covers(a.shape, h.point))
            THEN 'households'
        WHEN EXISTS (
            SELECT FROM building b WHERE b.kind = 'home' AND b.shape_3857 && a.shape_3857
            AND st_covers(a.shape, st_pointonsurface(b.shape))
        ) THEN 'buildings'
        WHEN EXISTS (SELECT FROM address n WHERE n.point && a.shape AND st_covers(a.shape, n.point)) THEN 'addresses'
        ELSE 'streets'
    END AS counted_by
FROM area a JOIN area_level l ON l.code = a.level
WHERE a.shape IS NOT NULL AND l.rank < :rank
    AND (CAST(:within AS text) IS NULL OR a.path <@ (SELECT path FROM area WHERE code = :within))
    AND NOT EXISTS (
        SELECT FROM area b JOIN area_level m ON m.code = b.level
        WHERE b.path <@ a.path AND b.id <> a.id AND b.shape IS NOT NULL AND m.rank < :rank
    )
ORDER BY a.path
