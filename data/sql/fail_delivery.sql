-- nothing; puts a failed delivery off or, without a wait, gives it up with what waited behind it as long as it did
WITH failed AS (
    UPDATE delivery SET trouble = :trouble,
        due_at = CASE WHEN CAST(:wait_s AS float8) IS NULL THEN due_at
                      ELSE clock_timestamp() + make_interval(secs => :wait_s) END,
        state = CASE WHEN CAST(:wait_s AS float8) IS NULL THEN 'given_up' ELSE state END,
        ended_at = CASE WHEN CAST(:wait_s AS float8) IS NULL THEN clock_timestamp() END
    WHERE id = :id AND tries = :tries AND state = 'waiting'
    RETURNING id, receiver_id, state
)
UPDATE delivery d SET state = 'given_up', ended_at = clock_timestamp(), trouble = :trouble
FROM failed f
WHERE f.state = 'given_up' AND d.receiver_id = f.receiver_id AND d.state = 'waiting' AND d.id > f.id
  AND d.made_at < clock_timestamp() - make_interval(secs => :patience_s)
