-- one GeoJSON feature (text) per grid of a layer in force now, by code; WGS 84, seven decimals
SELECT jsonb_build_object(
    'type', 'Feature', 'id', g.id,
    'geometry', st_asgeojson(st_forcepolygonccw(g.shape), 7)::jsonb,
    'properties', jsonb_build_object('code', g.code, 'name', g.name, 'kind', g.kind, 'layer', g.layer)
)::text
FROM grid g
WHERE g.layer = :layer AND g.valid @> clock_timestamp()
ORDER BY g.code
