-- the last check and, where that is not done, the last that was; the newest first, with the login of who asked
SELECT c.id, c.started, c.ended, c.status, c.counts, c.seen, c.reason, c.asked_by IS NULL AS at_machine, a.login AS asked_by,
       clock_timestamp() AS now
FROM ground_check c LEFT JOIN account a ON a.id = c.asked_by
WHERE c.id = (SELECT id FROM ground_check ORDER BY id DESC LIMIT 1)
   OR c.id = (SELECT id FROM ground_check WHERE status = 'done' ORDER BY id DESC LIMIT 1)
ORDER BY c.id DESC
