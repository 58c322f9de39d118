"""Accounts of a demo town: one for each worker, one for each other role, all with one password that changes at each start."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

KIND = """CASE
    WHEN w.role IN ('grid_leader', 'duty_chief') THEN w.role
    WHEN w.role = 'liaison' THEN 'department'
    WHEN EXISTS (SELECT FROM membership m WHERE m.worker_id = w.id AND m.part = 'doctor') THEN 'doctor'
    ELSE 'worker' END"""
WORKERS = text(f"""
    INSERT INTO account (id, login, name, worker_id, created_at)
    SELECT gen_random_uuid(), CASE WHEN place = 1 THEN seat ELSE lower(code) END, name, id, now()
    FROM (SELECT w.*, k.seat, row_number() OVER (PARTITION BY k.seat ORDER BY w.code) AS place
          FROM worker w, LATERAL (SELECT {KIND} AS seat) k WHERE w.kind = 'person'
         ) AS hired
    ON CONFLICT DO NOTHING
""")  # noqa: S608 - our own words
THEIR_ROLES = text(f"""
    INSERT INTO account_role (id, account_id, role, administrator, area_id, layer, given_at)
    SELECT gen_random_uuid(), a.id, k.seat, false,
           CASE WHEN k.seat IN ('worker', 'grid_leader') THEN w.home_area_id END,
           CASE WHEN k.seat = 'doctor' THEN (SELECT code FROM grid_layer WHERE code = 'health') END, now()
    FROM account a JOIN worker w ON w.id = a.worker_id, LATERAL (SELECT {KIND} AS seat) k ON CONFLICT DO NOTHING
""")  # noqa: S608 - our own words
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

    A worker's login is the code in lower case, but for the first worker, grid leader, duty chief, doctor of a team and
    liaison of a department: theirs, like everybody else's, is the role's code.
    """
    for statement in (WORKERS, THEIR_ROLES, OTHERS, OTHERS_ROLES):
        await connection.execute(statement)


async def set_password(connection: AsyncConnection, password_hash: str) -> None:
    """Let one password open every account of the demo town from now on."""
    await connection.execute(OPEN, {"password_hash": password_hash})
