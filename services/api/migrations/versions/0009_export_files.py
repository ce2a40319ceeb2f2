"""What a PDF follows, and when an export is to be made if not at once."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("exports", sa.Column("standard", sa.String(16)))
    op.add_column("exports", sa.Column("run_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE exports SET standard = 'ua-1' WHERE format = 'pdf'")
