-- nothing; one version per row from :begins on, in the place of the tree that its area has
INSERT INTO grid (id, layer, area_id, area_path, code, name, kind, purpose, shape, drawn, valid)
SELECT given.id, :layer, a.id, a.path, given.code, given.name,
    CASE WHEN given.purpose IS NULL THEN 'basic' ELSE 'dedicated' END, given.purpose,
    st_geomfromwkb(given.shape, 4326), st_geomfromwkb(given.drawn, 4326), tstzrange(CAST(:begins AS timestamptz), NULL)
FROM unnest(CAST(:ids AS uuid[]), CAST(:codes AS text[]), CAST(:names AS text[]), CAST(:purposes AS text[]),
            CAST(:shapes AS bytea[]), CAST(:drawn AS bytea[])) AS given (id, code, name, purpose, shape, drawn)
JOIN area a ON a.code = given.code
