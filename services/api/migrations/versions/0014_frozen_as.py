"""A resume that has not changed since it was made a version need not be read to be exported or shared again."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("resumes", sa.Column("frozen_as", sa.Uuid(), nullable=True))
    op.add_column("resumes", sa.Column("frozen_version", sa.Integer(), nullable=True))
