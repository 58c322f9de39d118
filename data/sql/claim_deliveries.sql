-- deliveries whose turn it is, taken for a while, with whom they are for and what they tell; one for each receiver
-- The head of a receiver's queue stands for the queue: while it waits or is being told, the others behind it wait too.
WITH head AS (
    SELECT first.id
    FROM receiver r
    CROSS JOIN LATERAL (
        SELECT d.id, d.due_at FROM delivery d WHERE d.receiver_id = r.id AND d.state = 'waiting' ORDER BY d.id LIMIT 1
    ) first
    WHERE r.paused_at IS NULL AND first.due_at <= clock_timestamp()
), free AS (
    SELECT d.id FROM delivery d
    WHERE d.id IN (SELECT id FROM head) AND d.state = 'waiting' AND d.due_at <= clock_timestamp()
    ORDER BY d.due_at, d.id LIMIT :limit FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE delivery d SET due_at = clock_timestamp() + make_interval(secs => :lease_s), tries = d.tries + 1
    FROM free WHERE d.id = free.id
    RETURNING d.id, d.receiver_id, d.incident_id, d.event, d.facts, d.made_at, d.tries
)
SELECT t.id, t.tries, r.kind, r.address, r.secret, r.lang, t.event, t.made_at AS at, t.incident_id,
       i.category, c.name AS category_name, c.name_en AS category_name_en, i.urgency,
       coalesce(t.facts->>'status_to', i.status) AS status, a.code AS area, a.name AS area_name, i.deadline_at,
       t.facts->>'status_from' AS status_from, t.facts->>'slot' AS slot, CAST(t.facts->>'attempt' AS int) AS attempt,
       extract(epoch FROM clock_timestamp())::bigint AS now_s
FROM taken t
JOIN receiver r ON r.id = t.receiver_id
JOIN incident i ON i.id = t.incident_id
JOIN category c ON c.code = i.category
LEFT JOIN area a ON a.path = i.area_path
