-- nothing; writes what was done to one incident that is written: needs, offers with the timers that end them, other timers, clocks,
-- lines of history in the order given; queues who outside is told of them, and puts all of it into the outbox
WITH given AS (SELECT CAST(CAST(:given AS text) AS jsonb) AS doc),
one AS (SELECT id, layer, area_path FROM incident WHERE id = CAST(:incident_id AS uuid)),
needs AS (
    INSERT INTO need (incident_id, slot, responder, skill, ranking, exclusive, ladder, worker_id, state, rung, tries,
                      rung_since, layer, area_path)
    SELECT one.id, n.*, one.layer, one.area_path
    FROM one, given, jsonb_to_recordset(doc -> 'needs') AS n (
        slot text, responder text, skill text, ranking text, exclusive boolean, ladder text, worker_id uuid, state text,
        rung smallint, tries smallint, rung_since timestamptz)
), moved AS (
    UPDATE need d
    SET state = n.state, rung = n.rung, tries = n.tries, rung_since = n.rung_since
    FROM one, given, jsonb_to_recordset(doc -> 'moved') AS n (
        slot text, state text, rung smallint, tries smallint, rung_since timestamptz)
    WHERE d.incident_id = one.id AND d.slot = n.slot
), offers AS (
    INSERT INTO task (incident_id, layer, area_path, id, worker_id, status, attempt_no, exclusive, metres, offered_at,
                      offer_expires_at, slot, whom, by_hand)
    SELECT one.id, one.layer, one.area_path, o.*
    FROM one, given, jsonb_to_recordset(doc -> 'offers') AS o (
        id uuid, worker_id uuid, status text, attempt_no smallint, exclusive boolean, metres float8,
        offered_at timestamptz, offer_expires_at timestamptz, slot text, whom text, by_hand boolean)
    RETURNING id, incident_id, slot, attempt_no, offer_expires_at
), timers AS (
    INSERT INTO timer (kind, incident_id, slot, task_id, due_at)
    SELECT 'offer', incident_id, slot, id, offer_expires_at FROM offers
    UNION ALL
    SELECT t.kind, one.id, t.slot, NULL, t.due_at
    FROM one, given, jsonb_to_recordset(doc -> 'timers') AS t (kind text, slot text, due_at timestamptz)
    ON CONFLICT DO NOTHING
), clocks AS (
    INSERT INTO clock (incident_id, step, round, amount, unit, remind_share, supervise_share, extra_seconds, started_at,
                       running_since, ran, consumed_seconds, due_at, missing_year, paused, ended_at, late, reminded_at,
                       overdue_at, supervised_at)
    SELECT one.id, c.*
    FROM one, given, jsonb_to_recordset(doc -> 'clocks') AS c (
        step text, round smallint, amount integer, unit text, remind_share float8, supervise_share float8,
        extra_seconds float8, started_at timestamptz, running_since timestamptz, ran jsonb, consumed_seconds float8,
        due_at timestamptz, missing_year smallint, paused text, ended_at timestamptz, late boolean,
        reminded_at timestamptz, overdue_at timestamptz, supervised_at timestamptz)
    ON CONFLICT (incident_id, step, round) DO UPDATE
    SET (amount, unit, remind_share, supervise_share, extra_seconds, running_since, ran, consumed_seconds, due_at,
         missing_year, paused, ended_at, late, reminded_at, overdue_at, supervised_at)
      = (excluded.amount, excluded.unit, excluded.remind_share, excluded.supervise_share, excluded.extra_seconds,
         excluded.running_since, excluded.ran, excluded.consumed_seconds, excluded.due_at, excluded.missing_year,
         excluded.paused, excluded.ended_at, excluded.late, excluded.reminded_at, excluded.overdue_at,
         excluded.supervised_at)
), lines AS (
    SELECT one.layer, one.area_path, l.*
    FROM one, given, jsonb_to_recordset(doc -> 'lines') AS l (
        place integer, incident_id uuid, task_id uuid, at timestamptz, kind text, status_from text, status_to text,
        actor text, facts jsonb)
), kept AS (
    INSERT INTO incident_event (incident_id, task_id, at, kind, status_from, status_to, actor, facts)
    SELECT incident_id, task_id, at, kind, status_from, status_to, actor, facts FROM lines ORDER BY place
), told AS (
    INSERT INTO delivery (receiver_id, incident_id, event, facts, made_at, due_at)
    SELECT r.id, l.incident_id, l.kind, jsonb_strip_nulls(jsonb_build_object(
        'status_from', l.status_from, 'status_to', l.status_to, 'slot', (SELECT slot FROM offers WHERE id = l.task_id UNION ALL SELECT slot FROM task WHERE id = l.task_id),
        'attempt', (SELECT attempt_no FROM offers WHERE id = l.task_id
                    UNION ALL SELECT attempt_no FROM task WHERE id = l.task_id))), l.at, now()
    FROM receiver r
    JOIN lines l ON l.kind = ANY (r.events)
    WHERE r.paused_at IS NULL AND (r.layer IS NULL OR r.layer = l.layer)
      AND (r.area_path IS NULL OR l.area_path <@ r.area_path)
    ORDER BY l.place, r.id
)
INSERT INTO outbox (kind, subject_id, at)
SELECT 'task', id, now() FROM offers
UNION ALL
SELECT 'incident', id, now() FROM one WHERE EXISTS (SELECT FROM lines)
