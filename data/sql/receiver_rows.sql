-- the JSON row of each receiver by label, with what waits for it and how its last deliveries went; never its address
SELECT jsonb_build_object(
    'id', r.id, 'kind', r.kind, 'label', r.label, 'host', r.host, 'lang', r.lang, 'events', r.events,
    'layer', r.layer, 'area', ltree2text(subpath(r.area_path, -1)), 'made_at', r.made_at, 'paused_at', r.paused_at,
    'waiting', waits.number, 'waiting_since', waits.since, 'trouble', waits.trouble, 'tries', coalesce(waits.tries, 0),
    'next_try_at', waits.due_at, 'delivered', went.delivered, 'given_up', went.given_up,
    'delivered_at', went.delivered_at, 'given_up_at', went.given_up_at
)::text AS row
FROM receiver r
CROSS JOIN LATERAL (
    SELECT count(*) AS number, min(d.made_at) AS since,
           (array_agg(d.trouble ORDER BY d.id))[1] AS trouble, (array_agg(d.tries ORDER BY d.id))[1] AS tries,
           (array_agg(d.due_at ORDER BY d.id))[1] AS due_at
    FROM delivery d WHERE d.receiver_id = r.id AND d.state = 'waiting'
) waits
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE d.state = 'delivered') AS delivered,
           count(*) FILTER (WHERE d.state = 'given_up') AS given_up,
           max(d.ended_at) FILTER (WHERE d.state = 'delivered') AS delivered_at,
           max(d.ended_at) FILTER (WHERE d.state = 'given_up') AS given_up_at
    FROM delivery d WHERE d.receiver_id = r.id
) went
WHERE CAST(:id AS uuid) IS NULL OR r.id = :id
ORDER BY r.label, r.id
