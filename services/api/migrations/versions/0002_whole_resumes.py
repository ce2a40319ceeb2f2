"""Resumes, whole: kinds, families and locks; sections with looks of their own; the library of items; whole snapshots."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_SNAPSHOTS_AT_ONCE = 200


def upgrade() -> None:
    _extend_resumes()
    _create_library()
    _extend_contents()
    _extend_versions()
    _extend_templates()
    op.create_table(
        "tags",
        sa.Column("resume_id", sa.Uuid(), sa.ForeignKey("resumes.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("name", sa.String(50), primary_key=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
    )
    op.create_index("ix_tags_owner_id_name", "tags", ["owner_id", "name"])


def _extend_resumes() -> None:
    for column in (
        sa.Column("kind", sa.String(16), nullable=False, server_default="resume"),
        sa.Column("direction", sa.String(4), nullable=False, server_default="auto"),
        sa.Column("page_size", sa.String(16)),
        sa.Column("locked_at", sa.DateTime(timezone=True)),
        sa.Column("family_id", sa.Uuid()),
        sa.Column("is_primary", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("frozen_at", sa.DateTime(timezone=True)),
    ):
        op.add_column("resumes", column)
    op.create_index("ix_resumes_family_id", "resumes", ["family_id"])
    op.create_index("ix_resumes_deleted_at", "resumes", ["deleted_at"])


def _create_library() -> None:
    op.create_table(
        "library_items",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200)),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_library_items_owner_id_id", "library_items", ["owner_id", "id"])


def _extend_contents() -> None:
    # Two sections may be of one kind now; what is unique is the member of the document that a section is.
    op.execute("ALTER TABLE sections RENAME COLUMN kind TO name")
    op.add_column("sections", sa.Column("kind", sa.String(64), nullable=False, server_default=""))
    op.execute("UPDATE sections SET kind = name")
    for column in (
        sa.Column("columns", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("page_break_before", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("keep_together", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("counterpart_id", sa.Uuid()),
    ):
        op.add_column("sections", column)
    uuid = "UUID" if op.get_bind().dialect.name == "postgresql" else "CHAR(32)"
    op.execute(
        f"ALTER TABLE items ADD COLUMN library_item_id {uuid} CONSTRAINT fk_items_library_item_id_library_items "
        "REFERENCES library_items (id) ON DELETE SET NULL"
    )
    for column in (
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("library_version", sa.Integer()),
        sa.Column("library_base", sa.Text()),
        sa.Column("counterpart_id", sa.Uuid()),
        sa.Column("translated_from", sa.String(64)),
    ):
        op.add_column("items", column)
    op.create_index("ix_items_library_item_id", "items", ["library_item_id"])


def _extend_versions() -> None:
    op.add_column("versions", sa.Column("layout", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("versions", sa.Column("reason", sa.String(16), nullable=False, server_default="manual"))
    op.execute("UPDATE versions SET reason = 'export' WHERE name IS NULL")
    versions = sa.table(
        "versions",
        sa.column("id", sa.Uuid()),
        sa.column("content", sa.Text()),
        sa.column("sha256", sa.Text()),
    )
    bind = op.get_bind()
    last = None
    while True:
        wanted = sa.select(versions.c.id, versions.c.content).order_by(versions.c.id)
        wanted = wanted if last is None else wanted.where(versions.c.id > last)
        rows = bind.execute(wanted.limit(_SNAPSHOTS_AT_ONCE)).all()
        if not rows:
            return
        for row in rows:
            sha256 = hashlib.sha256(f'{{"content":{row.content},"layout":{{}}}}'.encode()).hexdigest()
            bind.execute(versions.update().where(versions.c.id == row.id).values(sha256=sha256))
        last = rows[-1].id


def _extend_templates() -> None:
    op.add_column(
        "templates", sa.Column("kinds", sa.JSON(), nullable=False, server_default=sa.text("'[\"resume\"]'"))
    )
    op.add_column(
        "templates", sa.Column("previews", sa.JSON(), nullable=False, server_default=sa.text("'[]'"))
    )
