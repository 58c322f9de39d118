-- one GeoJSON feature (text) per grid of a layer in force at :at (none: now), by code; WGS 84, seven decimals. Its id is the
-- version's; `valid_to` of a version that goes on is null
SELECT jsonb_build_object(
    'type', 'Feature', 'id', g.id,
    'geometry', st_asgeojson(st_forcepolygonccw(g.shape), 7)::jsonb,
    'properties', jsonb_build_object('code', g.code, 'name', g.name, 'kind', g.kind, 'layer', g.layer,
        'purpose', g.purpose, 'valid_from', lower(g.valid), 'valid_to', upper(g.valid))
)::text
FROM grid g
WHERE g.layer = :layer AND g.valid @> coalesce(CAST(:at AS timestamptz), clock_timestamp())
ORDER BY g.code
