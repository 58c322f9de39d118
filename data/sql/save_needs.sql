-- nothing; writes how far needs of one incident have come
UPDATE need
SET worker_id = n.worker_id, state = n.state, rung = n.rung, tries = n.tries, rung_since = n.rung_since
FROM unnest(
    CAST(:slots AS text[]), CAST(:worker_ids AS uuid[]), CAST(:states AS text[]), CAST(:rungs AS smallint[]),
    CAST(:tries AS smallint[]), CAST(:sinces AS timestamptz[])
) AS n (slot, worker_id, state, rung, tries, rung_since)
WHERE need.incident_id = CAST(:incident_id AS uuid) AND need.slot = n.slot
