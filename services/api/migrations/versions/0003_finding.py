"""Finding resumes: the index of what they say, and the orders that lists come in."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _extend_library_and_families()


def _extend_library_and_families() -> None:
    op.add_column("library_items", sa.Column("words", sa.Text(), nullable=False, server_default=""))
    op.add_column("resumes", sa.Column("translated_from", sa.String(64)))
