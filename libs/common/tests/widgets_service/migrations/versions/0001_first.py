import sqlalchemy as sa
from alembic import op

from common.migrations import create_idempotency_keys, create_outbox

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "widgets",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
    )
    create_outbox(op)
    create_idempotency_keys(op)
