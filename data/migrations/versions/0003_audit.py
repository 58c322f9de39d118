"""the audit: a chain that only grows"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# sha256 over the hash before and the digest of each field, 32 bytes each, in this order; a field that is null is
# 32 zero bytes. Moments are microseconds since 1970, facts the text of their jsonb. `data/chain.py` reckons the same.
APPEND = """
CREATE FUNCTION audit_append(
    _account_id uuid, _actor text, _action text, _subject text, _result text, _code text, _address text, _facts jsonb
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    head audit_head;
    line audit;
    field text;
    chained bytea;
BEGIN
    SELECT * INTO STRICT head FROM audit_head FOR UPDATE;
    line := row(head.rows + 1, clock_timestamp(), _account_id, _actor, _action, _subject, _result, _code, _address,
                coalesce(_facts, '{}'), ''::bytea);
    chained := head.hash;
    FOREACH field IN ARRAY ARRAY[
        line.id::text, (extract(epoch FROM line.at) * 1000000)::bigint::text, line.account_id::text, line.actor,
        line.action, line.subject, line.result, line.code, line.address, line.facts::text]
    LOOP
        chained := chained || coalesce(sha256(convert_to(field, 'UTF8')), decode(repeat('00', 32), 'hex'));
    END LOOP;
    line.hash := sha256(chained);
    INSERT INTO audit SELECT line.*;
    UPDATE audit_head SET rows = line.id, hash = line.hash;
    RETURN line.id;
END $$
"""
ONLY_GROWS = """
CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'audit only grows' USING ERRCODE = 'insufficient_privilege';
END $$
"""
HEAD_FOLLOWS = """
CREATE FUNCTION audit_head_follows() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF new.rows = old.rows + 1 AND EXISTS (SELECT FROM audit WHERE id = new.rows AND hash = new.hash) THEN
        RETURN new;
    END IF;
    RAISE EXCEPTION 'audit only grows' USING ERRCODE = 'insufficient_privilege';
END $$
"""
GUARDS = (
    """CREATE TRIGGER audit_is_not_changed BEFORE UPDATE OR DELETE ON audit
        FOR EACH ROW EXECUTE FUNCTION audit_only_grows()""",
    """CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit
        FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()""",
    """CREATE TRIGGER audit_head_is_not_deleted BEFORE DELETE ON audit_head
        FOR EACH ROW EXECUTE FUNCTION audit_only_grows()""",
    """CREATE TRIGGER audit_head_is_not_emptied BEFORE TRUNCATE ON audit_head
        FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()""",
    """CREATE TRIGGER audit_head_follows_its_rows BEFORE UPDATE ON audit_head
        FOR EACH ROW EXECUTE FUNCTION audit_head_follows()""",
)
# A person reads with `audit.view` for the whole town, and then sees whose the rows are; the dispatcher role, which
# `wangge audit` takes, reads only while it serves nobody.
RIGHTS = (
    "REVOKE ALL ON FUNCTION audit_append(uuid, text, text, text, text, text, text, jsonb) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION audit_append(uuid, text, text, text, text, text, text, jsonb) TO wangge_dispatcher",
    "GRANT SELECT ON audit, audit_head TO wangge_app, wangge_dispatcher",
    "ALTER TABLE audit ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE audit_head ENABLE ROW LEVEL SECURITY",
    """CREATE POLICY audit_of_auditors ON audit FOR SELECT TO wangge_app
        USING (''::ltree = ANY ((SELECT scope('audit.view'))::ltree[]))""",
    """CREATE POLICY audit_head_of_auditors ON audit_head FOR SELECT TO wangge_app
        USING (''::ltree = ANY ((SELECT scope('audit.view'))::ltree[]))""",
    """CREATE POLICY account_of_auditors ON account FOR SELECT TO wangge_app
        USING (''::ltree = ANY ((SELECT scope('audit.view'))::ltree[]))""",
    "CREATE POLICY audit_of_the_rules ON audit FOR SELECT TO wangge_dispatcher USING ((SELECT by_rules()))",
    "CREATE POLICY audit_head_of_the_rules ON audit_head FOR SELECT TO wangge_dispatcher USING ((SELECT by_rules()))",
)


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("result IN ('done', 'refused', 'failed')", name=op.f("audit_result_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_pkey")),
    )
    op.create_index("audit_account_id_idx", "audit", ["account_id", "id"], unique=False)
    op.create_index("audit_action_idx", "audit", ["action", "id"], unique=False)
    op.create_index(
        "audit_not_done_idx", "audit", ["result", "id"], unique=False, postgresql_where=sa.text("result <> 'done'")
    )
    op.create_table(
        "audit_head",
        sa.Column("one", sa.SmallInteger(), server_default=sa.text("1"), autoincrement=False, nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("one = 1", name=op.f("audit_head_one_check")),
        sa.PrimaryKeyConstraint("one", name=op.f("audit_head_pkey")),
    )
    op.execute("INSERT INTO audit_head (rows, hash) VALUES (0, decode(repeat('00', 32), 'hex'))")
    for statement in (APPEND, ONLY_GROWS, HEAD_FOLLOWS, *GUARDS, *RIGHTS):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP POLICY account_of_auditors ON account")
    op.execute("DROP FUNCTION audit_append(uuid, text, text, text, text, text, text, jsonb)")
    op.drop_table("audit_head")
    op.drop_table("audit")
    op.execute("DROP FUNCTION audit_head_follows()")
    op.execute("DROP FUNCTION audit_only_grows()")
