"""Staff, roles with what they may do, and the audit log, which the database keeps from being changed."""

import sqlalchemy as sa
from alembic import op

from common.migrations import create_outbox

revision = "0001"
down_revision = None

ROLES = {
    "superadmin": "May do everything",
    "support": "Helps users: sees them, suspends and restores them, ends their sessions",
    "auditor": "Reads what staff did",
}
PERMISSIONS = {
    "users.read": "Search and see users",
    "users.suspend": "Suspend and restore users",
    "sessions.end": "Sign users out everywhere",
    "staff.manage": "Do these to staff too",
    "audit.read": "Read, export and verify the audit log",
    "health.read": "See how the services are",
}
GRANTS = {
    "superadmin": list(PERMISSIONS),
    "support": ["users.read", "users.suspend", "sessions.end", "health.read"],
    "auditor": ["audit.read", "users.read", "health.read"],
}

SQLITE_APPEND_ONLY = """
CREATE TRIGGER audit_logs_refuse_{event} BEFORE {event} ON audit_logs {when}
BEGIN SELECT RAISE(ABORT, 'audit_logs is append-only'); END
"""
# An INSERT OR REPLACE deletes without firing DELETE triggers, hence the third.
SQLITE_TRIGGERS = {
    "UPDATE": "",
    "DELETE": "",
    "INSERT": "WHEN EXISTS (SELECT 1 FROM audit_logs WHERE id = NEW.id OR previous_hash = NEW.previous_hash)",
}
POSTGRESQL_APPEND_ONLY = (
    """
    CREATE FUNCTION audit_logs_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'audit_logs is append-only'; END $$
    """,
    """
    CREATE TRIGGER audit_logs_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_logs
    FOR EACH STATEMENT EXECUTE FUNCTION audit_logs_refuse()
    """,
)


def upgrade() -> None:
    op.create_table(
        "admin_users",
        sa.Column("user_id", sa.Uuid(), primary_key=True),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("last_session_id", sa.String(64), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_signed_in_at", sa.DateTime(timezone=True), nullable=False),
    )
    _create_roles()
    _create_audit_logs()
    create_outbox(op)


def _create_roles() -> None:
    roles, permissions = (
        op.create_table(
            table,
            sa.Column("name", sa.String(64), primary_key=True),
            sa.Column("description", sa.String(200), nullable=False),
        )
        for table in ("roles", "permissions")
    )
    grants = op.create_table(
        "role_permissions",
        sa.Column("role", sa.String(64), sa.ForeignKey("roles.name"), primary_key=True),
        sa.Column("permission", sa.String(64), sa.ForeignKey("permissions.name"), primary_key=True),
    )
    op.bulk_insert(roles, [{"name": name, "description": text} for name, text in ROLES.items()])
    op.bulk_insert(permissions, [{"name": name, "description": text} for name, text in PERMISSIONS.items()])
    op.bulk_insert(
        grants,
        [{"role": role, "permission": permission} for role, held in GRANTS.items() for permission in held],
    )


def _create_audit_logs() -> None:
    op.create_table(
        "audit_logs",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("actor_id", sa.Uuid(), nullable=False, index=True),
        sa.Column("action", sa.String(64), nullable=False, index=True),
        sa.Column("target", sa.String(200), index=True),
        sa.Column("reason", sa.String(500)),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("hash", sa.String(64), nullable=False, unique=True),
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in POSTGRESQL_APPEND_ONLY:
            op.execute(statement)
        return
    for event, when in SQLITE_TRIGGERS.items():
        op.execute(SQLITE_APPEND_ONLY.format(event=event, when=when))
