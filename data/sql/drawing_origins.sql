-- for each dedicated version of :ids the basic versions its ground came from, through all its redraws; the latest first
WITH RECURSIVE source (version, before) AS (
    SELECT l.after, l.before FROM grid_lineage l WHERE l.after = ANY(CAST(:ids AS uuid[]))
    UNION
    SELECT s.version, l.before FROM source s JOIN grid b ON b.id = s.before AND b.kind = 'dedicated'
    JOIN grid_lineage l ON l.after = s.before
)
SELECT s.version, g.code, st_asbinary(g.shape) AS shape
FROM source s JOIN grid g ON g.id = s.before AND g.kind = 'basic'
ORDER BY s.version, upper(g.valid) DESC NULLS FIRST, g.code
