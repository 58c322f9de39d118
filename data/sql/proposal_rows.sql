-- the JSON row of each proposal, the newest first, with how many shapes it has and who made and decided it
SELECT jsonb_build_object(
    'id', p.id, 'kind', p.kind, 'layer', p.layer, 'level', p.level, 'made', p.made, 'made_by', m.login,
    'status', p.status, 'decided', p.decided, 'decided_by', d.login, 'summary', p.summary, 'reason', p.reason,
    'shapes', (SELECT count(*) FROM proposal_shape s WHERE s.proposal_id = p.id)
)::text
FROM proposal p LEFT JOIN account m ON m.id = p.made_by LEFT JOIN account d ON d.id = p.decided_by
WHERE CAST(:id AS uuid) IS NULL OR p.id = :id
ORDER BY p.id DESC LIMIT :limit
