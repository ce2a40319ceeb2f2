"""How many pages a document has, and what its owner was told about it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("render_cache", sa.Column("pages", sa.Integer()))
    op.add_column("render_cache", sa.Column("warnings", sa.JSON()))
    op.create_index("ix_render_cache_created_at", "render_cache", ["created_at"])
