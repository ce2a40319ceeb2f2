"""Templates that are one user's alone, and such as are offered no more."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("templates", sa.Column("owner_id", sa.Uuid()))
    op.add_column("templates", sa.Column("retired_at", sa.DateTime(timezone=True)))
