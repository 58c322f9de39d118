-- nothing; writes one incident, with the receipt its reporter is given
WITH written AS (
    INSERT INTO incident (id, category, layer, urgency, status, description, address, point, cell,
                          given_lng, given_lat, given_datum, grid_id, nearest_grid_id, area_path, reporter,
                          reported_at, filed_at, deadline_at, scene_due_at)
    VALUES (:id, :category, :layer, :urgency, :status, :description, :address,
            st_setsrid(st_makepoint(:lng, :lat), 4326), :cell,
            :given_lng, :given_lat, :given_datum, :grid_id, :nearest_grid_id, text2ltree(:area_path), :reporter,
            :reported_at, :filed_at, :deadline_at, :scene_due_at)
    RETURNING id
)
INSERT INTO receipt (id, incident_id, kind, hash, holder, made_at)
SELECT CAST(:receipt_id AS uuid), written.id, 'report', CAST(:receipt_hash AS bytea), CAST(:receipt_holder AS text), clock_timestamp()
FROM written
