-- nothing; hangs an area with all that is below it under another parent, whose path is :above (empty: the root)
UPDATE area SET
    parent_id = CASE WHEN code = :code THEN CAST(:parent AS uuid) ELSE parent_id END,
    path = CAST(CAST(:above AS text) AS ltree) || subpath(path, nlevel((SELECT path FROM area WHERE code = :code)) - 1)
WHERE path <@ (SELECT path FROM area WHERE code = :code)
