-- id and the JSON row of an account, with the roles it holds; by login
SELECT a.id, jsonb_build_object(
    'id', a.id, 'login', a.login, 'name', a.name, 'worker', coalesce(w.code, worker_of_account(a.id)),
    'created_at', a.created_at, 'locked_at', a.locked_at, 'has_password', a.has_password,
    'roles', held.roles
)::text AS row
FROM account a
LEFT JOIN worker w ON w.id = a.worker_id
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'id', ar.id, 'role', ar.role, 'name', r.name, 'name_en', r.name_en,
        'area', CASE WHEN p.id IS NOT NULL THEN jsonb_build_object('code', p.code, 'name', p.name)
            WHEN ar.area_id IS NOT NULL THEN area_of_role(ar.id) END,
        'layer', CASE WHEN ar.layer IS NOT NULL
            THEN jsonb_build_object('code', l.code, 'name', l.name, 'name_en', l.name_en) END
    ) ORDER BY r.administrator DESC, ar.role, ar.id), '[]') AS roles
    FROM account_role ar
    JOIN role r ON r.code = ar.role
    LEFT JOIN area p ON p.id = ar.area_id
    LEFT JOIN grid_layer l ON l.code = ar.layer
    WHERE ar.account_id = a.id
) held
WHERE (CAST(:id AS uuid) IS NULL OR a.id = :id)
  AND (CAST(:search AS text) IS NULL
       OR strpos(a.login, lower(:search)) > 0 OR strpos(lower(a.name), lower(:search)) > 0)
  AND (CAST(:after AS uuid) IS NULL OR a.login > (SELECT login FROM account WHERE id = :after))
ORDER BY a.login LIMIT :limit
