"""Links that show a resume to others, and how often they were opened."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _create_shares()
    _create_statistics()


def _create_shares() -> None:
    op.create_table(
        "shares",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _reference("resume_id", "resumes"),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        _reference("version_id", "versions", nullable=True),
        sa.Column("slug", sa.String(64)),
        sa.Column("label", sa.String(100)),
        sa.Column("password_hash", sa.String(200)),
        sa.Column("key", sa.LargeBinary(32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("max_views", sa.Integer()),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("allow_download", sa.Boolean(), nullable=False),
        sa.Column("allow_comments", sa.Boolean(), nullable=False),
        sa.Column("indexable", sa.Boolean(), nullable=False),
        sa.Column("show_contact", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("slug", name="uq_shares_slug"),
    )
    op.create_index("ix_shares_resume_id_id", "shares", ["resume_id", "id"])
    op.create_index("ix_shares_version_id", "shares", ["version_id"])
    op.create_table(
        "spent_slugs",
        sa.Column("slug", sa.String(64), primary_key=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_spent_slugs_owner_id", "spent_slugs", ["owner_id"])
    op.create_table(
        "share_files",
        _share_id(),
        sa.Column("format", sa.String(16), primary_key=True),
        sa.Column("source", sa.String(100), nullable=False),
        _reference("export_id", "exports"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_share_files_export_id", "share_files", ["export_id"])


def _create_statistics() -> None:
    op.create_table(
        "share_views",
        _share_id(),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("downloads", sa.Integer(), nullable=False),
    )
    op.create_table(
        "share_referrers",
        _share_id(),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("host", sa.String(100), primary_key=True),
        sa.Column("views", sa.Integer(), nullable=False),
    )
    op.create_table(
        "share_visitors",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("mark", sa.LargeBinary(16), primary_key=True),
    )
    op.create_table(
        "share_salts",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("salt", sa.LargeBinary(32), nullable=False),
    )


def _share_id() -> sa.Column[sa.Uuid]:
    return sa.Column("share_id", sa.Uuid(), sa.ForeignKey("shares.id", ondelete="CASCADE"), primary_key=True)


def _reference(name: str, table: str, *, nullable: bool = False) -> sa.Column[sa.Uuid]:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=nullable)
