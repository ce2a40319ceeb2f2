"""Resumes that staff took down."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("resumes", sa.Column("taken_down_at", sa.DateTime(timezone=True)))
    op.add_column("resumes", sa.Column("taken_down_for", sa.String(500)))
