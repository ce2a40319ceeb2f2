"""Whether what a template needs is installed where it is rendered."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("templates", sa.Column("available", sa.Boolean(), nullable=False, server_default=sa.true()))
