-- one JSON object (text) per version of the grids under a code, by layer and time: when it is in force, and from which versions
-- its ground came (before) and to which it went (after), with m² and households; versions that are not one's to see are left out
WITH descent AS (
    SELECT l.after AS of, 'before' AS side, o.code, o.id, l.m2, l.households
    FROM grid_lineage l JOIN grid o ON o.id = l.before
    UNION ALL
    SELECT l.before, 'after', o.code, o.id, l.m2, l.households FROM grid_lineage l JOIN grid o ON o.id = l.after
)
SELECT jsonb_build_object(
    'id', g.id, 'code', g.code, 'name', g.name, 'layer', g.layer, 'kind', g.kind, 'purpose', g.purpose,
    'valid_from', lower(g.valid), 'valid_to', upper(g.valid),
    'before', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'code', d.code, 'm2', round(d.m2::numeric, 1),
                      'households', d.households) ORDER BY d.m2 DESC, d.code), '[]')
               FROM descent d WHERE d.of = g.id AND d.side = 'before'),
    'after', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'code', d.code, 'm2', round(d.m2::numeric, 1),
                     'households', d.households) ORDER BY d.m2 DESC, d.code), '[]')
              FROM descent d WHERE d.of = g.id AND d.side = 'after')
)::text
FROM grid g
WHERE g.code = :code AND (CAST(:layer AS text) IS NULL OR g.layer = :layer)
ORDER BY g.layer, lower(g.valid)
