"""Profiles, and the outbox."""

import sqlalchemy as sa
from alembic import op

from common.migrations import create_outbox

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "user_profiles",
        sa.Column("user_id", sa.Uuid(), primary_key=True),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("headline", sa.String(200)),
        sa.Column("phone", sa.String(40)),
        sa.Column("location", sa.String(200)),
        sa.Column("website", sa.String(2048)),
        sa.Column("avatar_key", sa.String(255)),
        sa.Column("locale", sa.String(35), nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )
    create_outbox(op)
