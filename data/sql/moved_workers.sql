-- one row of columns, as data.positions.Moved: positions touched since a transaction, but for workers touched themselves
SELECT array_agg(p.worker_id) AS ids, array_agg(st_x(p.point)) AS lng, array_agg(st_y(p.point)) AS lat,
       array_agg(p.fixed_at) AS fixed_at, array_agg(p.accuracy_m) AS accuracy_m,
       array_agg(CASE WHEN p.still THEN greatest(p.fixed_at, p.heard_at) ELSE p.fixed_at END) AS seen_at
FROM worker_position p JOIN worker w ON w.id = p.worker_id
WHERE p.changed >= CAST(CAST(:since AS text) AS xid8) AND w.changed < CAST(CAST(:since AS text) AS xid8)
