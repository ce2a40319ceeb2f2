"""How many jobs of somebody have not ended is asked before each export."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

UNFINISHED = "state NOT IN ('succeeded', 'failed', 'cancelled')"


def upgrade() -> None:
    op.create_index(
        "ix_jobs_owner_id_unfinished",
        "jobs",
        ["owner_id"],
        sqlite_where=sa.text(UNFINISHED),
        postgresql_where=sa.text(UNFINISHED),
    )
