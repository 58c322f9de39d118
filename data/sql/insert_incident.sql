-- nothing; writes one incident
INSERT INTO incident (id, category, layer, urgency, status, description, address, point, cell,
                      given_lng, given_lat, given_datum, grid_id, nearest_grid_id, area_path, reporter,
                      reported_at, filed_at, deadline_at, scene_due_at)
VALUES (:id, :category, :layer, :urgency, :status, :description, :address,
        st_setsrid(st_makepoint(:lng, :lat), 4326), :cell,
        :given_lng, :given_lat, :given_datum, :grid_id, :nearest_grid_id, text2ltree(:area_path), :reporter,
        :reported_at, :filed_at, :deadline_at, :scene_due_at)
