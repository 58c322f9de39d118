-- areas by code: id, level, code, name, path, shape (WKB, WGS 84; of a governance grid the one in force at :begins), prefix: the
-- code of the nearest area from it upwards whose level has codes of so many digits
SELECT a.id, a.level, a.code, a.name, ltree2text(a.path) AS path, st_asbinary(coalesce(g.shape, a.shape)) AS shape,
    (SELECT u.code FROM area u JOIN area_level l ON l.code = u.level
     WHERE a.path <@ u.path AND l.digits IS NOT NULL ORDER BY nlevel(u.path) DESC LIMIT 1) AS prefix
FROM area a
LEFT JOIN grid g ON g.area_id = a.id AND g.layer = 'governance' AND g.valid @> CAST(:begins AS timestamptz)
WHERE a.code = ANY(CAST(:codes AS text[]))
   OR (coalesce(g.shape, a.shape) IS NOT NULL AND a.level = (
        SELECT l.code FROM area_level l JOIN area b ON b.level = l.code
        WHERE l.rank < (SELECT rank FROM area_level WHERE code = :level) AND b.shape IS NOT NULL
        ORDER BY l.rank DESC LIMIT 1))
ORDER BY a.code
