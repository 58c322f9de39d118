-- true once an evaluation is kept, and the incident shows it as the latest; nothing when this receipt judged this closing before
WITH kept AS (
    INSERT INTO evaluation (incident_id, receipt_id, closed_at, stars, solved, words, at)
    VALUES (:incident_id, :receipt_id, :closed_at, :stars, :solved, :words, clock_timestamp())
    ON CONFLICT (receipt_id, closed_at) DO NOTHING
    RETURNING incident_id, stars, solved
)
UPDATE incident i SET stars = kept.stars, solved = kept.solved FROM kept WHERE i.id = kept.incident_id RETURNING true
