-- one row for a good token: its id, account, kind, worker and units, whether its use should be noted, the account's rights as JSON
SELECT t.id, t.account_id, t.kind, a.worker_id,
       ARRAY(SELECT m.unit_id FROM membership m WHERE m.worker_id = a.worker_id) AS units,
       t.used_at < clock_timestamp() - interval '5 minutes' AS used_long_ago,
       coalesce((
           SELECT jsonb_object_agg(held.permission, held.keys)
           FROM (
               SELECT rp.permission, jsonb_agg(DISTINCT k.key ORDER BY k.key) AS keys
               FROM account_role ar
               JOIN role_permission rp ON rp.role = ar.role
               LEFT JOIN area ON area.id = ar.area_id
               CROSS JOIN LATERAL (
                   SELECT '' AS key WHERE ar.area_id IS NULL AND ar.layer IS NULL
                   UNION ALL
                   SELECT concat_ws('.', l.layer, ltree2text(area.path))
                   FROM (SELECT '_' AS layer UNION ALL SELECT code FROM grid_layer WHERE code = coalesce(ar.layer, code)) l
                   WHERE ar.area_id IS NOT NULL OR ar.layer IS NOT NULL
               ) k
               WHERE ar.account_id = t.account_id AND (t.permissions IS NULL OR rp.permission = ANY(t.permissions))
               GROUP BY rp.permission
           ) held
       ), '{}')::text AS rights
FROM access_token t
JOIN account a ON a.id = t.account_id
WHERE t.hash = :hash AND t.revoked_at IS NULL AND t.expires_at > clock_timestamp() AND a.locked_at IS NULL
  AND (t.kind <> 'session' OR t.used_at > clock_timestamp() - make_interval(hours => :idle))
