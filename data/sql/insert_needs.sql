-- nothing; writes the needs of an incident that is written, and timers beside them
WITH needs AS (
    INSERT INTO need (incident_id, slot, responder, skill, ranking, exclusive, ladder, worker_id, state, rung, tries,
                      rung_since, layer, area_path)
    SELECT i.id, n.slot, n.responder, n.skill, n.ranking, n.exclusive, n.ladder, n.worker_id, n.state, n.rung, n.tries,
           n.rung_since, i.layer, i.area_path
    FROM incident i, unnest(
        CAST(:slots AS text[]), CAST(:responders AS text[]), CAST(:skills AS text[]), CAST(:rankings AS text[]),
        CAST(:exclusives AS boolean[]), CAST(:ladders AS text[]), CAST(:worker_ids AS uuid[]), CAST(:states AS text[]),
        CAST(:rungs AS smallint[]), CAST(:tries AS smallint[]), CAST(:sinces AS timestamptz[])
    ) AS n (slot, responder, skill, ranking, exclusive, ladder, worker_id, state, rung, tries, rung_since)
    WHERE i.id = CAST(:incident_id AS uuid)
)
INSERT INTO timer (kind, incident_id, slot, due_at)
SELECT kind, CAST(:incident_id AS uuid), slot, due_at
FROM unnest(CAST(:timer_kinds AS text[]), CAST(:timer_slots AS text[]), CAST(:timer_dues AS timestamptz[])) AS t (kind, slot, due_at)
