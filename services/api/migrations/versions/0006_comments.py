"""What reviewers say of a resume, and the edits that they suggest."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "comment_reviewers",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _reference("share_id", "shares", nullable=False),
        sa.Column("user_id", sa.Uuid()),
        sa.Column("token_sha256", sa.LargeBinary(32), unique=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("share_id", "user_id", name="uq_comment_reviewers_share_id_user_id"),
    )
    _create_comments()
    op.create_table(
        "comment_notices",
        sa.Column("resume_id", sa.Uuid(), sa.ForeignKey("resumes.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.Column("waiting_since", sa.DateTime(timezone=True), index=True),
    )


def _create_comments() -> None:
    op.create_table(
        "comments",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _reference("resume_id", "resumes", nullable=False),
        _reference("share_id", "shares", ondelete="SET NULL"),
        _reference("parent_id", "comments"),
        _reference("reviewer_id", "comment_reviewers", ondelete="SET NULL"),
        sa.Column("author", sa.String(10), nullable=False),
        sa.Column("author_name", sa.String(80)),
        sa.Column("target", sa.String(10), nullable=False),
        sa.Column("section_id", sa.Uuid()),
        sa.Column("item_id", sa.Uuid()),
        sa.Column("path", sa.String(500)),
        sa.Column("quote", sa.String(1000)),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("suggestion", sa.Text()),
        sa.Column("suggestion_state", sa.String(10)),
        sa.Column("reason", sa.String(1000)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True)),
        sa.Column("resolved_at", sa.DateTime(timezone=True)),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
    )
    for columns in (["resume_id", "id"], ["share_id", "id"], ["parent_id", "id"], ["reviewer_id"]):
        op.create_index(f"ix_comments_{'_'.join(columns)}", "comments", columns)


def _reference(
    name: str, table: str, *, nullable: bool = True, ondelete: str = "CASCADE"
) -> sa.Column[sa.Uuid]:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey(f"{table}.id", ondelete=ondelete), nullable=nullable)
