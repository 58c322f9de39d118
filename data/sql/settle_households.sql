-- nothing; gives each household the place in the tree of the governance grid that covers it now, none where none does
UPDATE household h SET area_id = found.area_id, area_path = found.area_path
FROM (
    SELECT o.id, g.area_id, g.area_path
    FROM household o LEFT JOIN LATERAL (
        SELECT grid.area_id, grid.area_path FROM grid
        WHERE grid.layer = 'governance' AND grid.valid @> clock_timestamp() AND st_covers(grid.shape, o.point)
        ORDER BY grid.code LIMIT 1
    ) g ON true
) found
WHERE found.id = h.id AND (h.area_id, h.area_path) IS DISTINCT FROM (found.area_id, found.area_path)
