-- the JSON row of each fault of a check that may be seen, by id, which is by kind and the largest first; a household and
-- where it is only for who may see it; shapes of thousands of corners a little simpler; WGS 84, seven decimals
SELECT f.id, jsonb_build_object(
    'id', f.id, 'kind', f.kind, 'layer', f.layer, 'level', f.level, 'code', f.code, 'other', f.other,
    'name', coalesce(a.name, b.name), 'other_name', o.name, 'amount', f.amount, 'unit', f.unit, 'household', h.id,
    'lng', CASE WHEN f.household_id IS NULL OR h.id IS NOT NULL THEN round(st_x(f.place)::numeric, 7) END,
    'lat', CASE WHEN f.household_id IS NULL OR h.id IS NOT NULL THEN round(st_y(f.place)::numeric, 7) END,
    'shape', st_asgeojson(CASE WHEN st_npoints(f.shape) > 3000 THEN st_simplify(f.shape, 0.00005, true)
                          ELSE f.shape END, 7)::jsonb
)::text AS row
FROM ground_fault f
LEFT JOIN area a ON a.code = f.code
LEFT JOIN area o ON o.code = f.other
LEFT JOIN building b ON b.code = f.code AND f.level IS NULL AND f.kind IN ('building_overlap', 'shape_invalid')
LEFT JOIN household h ON h.id = f.household_id
WHERE f.check_id = :check_id AND (CAST(:kind AS text) IS NULL OR f.kind = :kind)
  AND (CAST(:after AS uuid) IS NULL OR f.id > :after)
ORDER BY f.id LIMIT :limit
