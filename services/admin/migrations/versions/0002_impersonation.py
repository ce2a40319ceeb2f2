"""A permission to act in a user's place."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

PERMISSION = "users.impersonate"


def upgrade() -> None:
    permissions = sa.table("permissions", sa.column("name"), sa.column("description"))
    grants = sa.table("role_permissions", sa.column("role"), sa.column("permission"))
    op.bulk_insert(
        permissions, [{"name": PERMISSION, "description": "Act in a user's place, for an hour at most"}]
    )
    op.bulk_insert(grants, [{"role": role, "permission": PERMISSION} for role in ("superadmin", "support")])
