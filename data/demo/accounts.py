"""Accounts of a demo town: one for each worker, one for each other role, all with one password that changes at each start."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

WORKERS = text("""
    INSERT INTO account (id, login, name, worker_id, created_at)
    SELECT gen_random_uuid(), CASE WHEN place = 1 THEN kind ELSE lower(code) END, name, id, now()
    FROM (SELECT w.*, k.kind, row_number() OVER (PARTITION BY k.kind ORDER BY w.code) AS place
          FROM worker w, LATERAL (SELECT CASE w.role WHEN 'grid_leader' THEN 'grid_leader' ELSE 'worker' END AS kind) k
         ) AS hired
    ON CONFLICT DO NOTHING
""")
THEIR_ROLES = text("""
    INSERT INTO account_role (id, account_id, role, administrator, area_id, given_at)
    SELECT gen_random_uuid(), a.id, CASE w.role WHEN 'grid_leader' THEN 'grid_leader' ELSE 'worker' END, false,
           w.home_area_id, now()
    FROM account a JOIN worker w ON w.id = a.worker_id ON CONFLICT DO NOTHING
""")
OTHERS = text("""
    INSERT INTO account (id, login, name, created_at) SELECT gen_random_uuid(), code, name, now() FROM role
    ON CONFLICT DO NOTHING
""")
OTHERS_ROLES = text("""
    INSERT INTO account_role (id, account_id, role, administrator, area_id, layer, given_at)
    SELECT gen_random_uuid(), a.id, r.code, r.administrator,
           CASE WHEN r.code IN ('resident', 'family') THEN
               (SELECT id FROM area WHERE level = 'community' ORDER BY code LIMIT 1) END,
           CASE WHEN r.code = 'doctor' THEN (SELECT code FROM grid_layer WHERE code = 'health') END, now()
    FROM account a JOIN role r ON r.code = a.login WHERE a.worker_id IS NULL ON CONFLICT DO NOTHING
""")
OPEN = text("UPDATE account SET password_hash = :password_hash")


async def give_accounts(connection: AsyncConnection) -> None:
    """Give everybody of the town an account, where there is none yet.

    A worker's login is the code in lower case, but for the first worker and the first grid leader: theirs, like
    everybody else's, is the role's code.
    """
    for statement in (WORKERS, THEIR_ROLES, OTHERS, OTHERS_ROLES):
        await connection.execute(statement)


async def set_password(connection: AsyncConnection, password_hash: str) -> None:
    """Let one password open every account of the demo town from now on."""
    await connection.execute(OPEN, {"password_hash": password_hash})
