-- one page of workers with names, persons' masked, by home area and code; `after` is the code before
SELECT w.id, w.code, CASE w.kind WHEN 'person' THEN left(w.name, 1) || '*' ELSE w.name END AS name,
       w.role, w.kind, w.employment, w.skills,
       a.code AS area, a.name AS area_name
FROM worker w LEFT JOIN area a ON a.id = w.home_area_id
WHERE (CAST(:ids AS uuid[]) IS NULL OR w.id = ANY(CAST(:ids AS uuid[])))
  AND (CAST(:path AS text) IS NULL OR w.area_path <@ text2ltree(:path))
  AND (CAST(:search AS text) IS NULL OR strpos(lower(w.code), lower(:search)) > 0)
  AND (CAST(:after AS text) IS NULL OR (coalesce(a.code, ''), w.code) > (
        SELECT coalesce(o.code, ''), l.code FROM worker l LEFT JOIN area o ON o.id = l.home_area_id
        WHERE l.code = :after))
ORDER BY coalesce(a.code, ''), w.code
LIMIT :limit
