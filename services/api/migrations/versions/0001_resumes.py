"""Resumes, what they say, their versions and exports, the jobs behind those, the catalogue of templates."""

import sqlalchemy as sa
from alembic import op

from common.migrations import create_idempotency_keys, create_outbox

revision = "0001"
down_revision = None

VIEWS = {
    "experiences": ("work", {"name": "company", "position": "position", "location": "location"}),
    "education": ("education", {"institution": "institution", "area": "area", "studyType": "study_type"}),
    "skills": ("skills", {"name": "name", "level": "level"}),
    "projects": ("projects", {"name": "name", "entity": "entity", "type": "type"}),
    "certifications": ("certificates", {"name": "name", "issuer": "issuer", "date": "date"}),
}
DATED = {"startDate": "start_date", "endDate": "end_date"}


def upgrade() -> None:
    _create_resumes()
    _create_contents()
    _create_catalogue()
    _create_jobs()
    create_outbox(op)
    create_idempotency_keys(op)
    for view, (kind, fields) in VIEWS.items():
        _create_view(view, kind, fields | (DATED if view in {"experiences", "education", "projects"} else {}))


def _create_resumes() -> None:
    op.create_table(
        "resumes",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("template", sa.String(64), nullable=False),
        sa.Column("template_version", sa.Integer(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        # Text, not JSON: PostgreSQL's type would keep it, SQLite's would turn a bare number into its own.
        sa.Column("basics", sa.Text()),
        sa.Column("extra", sa.Text(), nullable=False),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *_times("created_at", "updated_at"),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_resumes_owner_id_id", "resumes", ["owner_id", "id"])


def _create_contents() -> None:
    rank = sa.String(255).with_variant(sa.String(255, collation="C"), "postgresql")
    op.create_table(
        "sections",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _reference("resume_id", "resumes"),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("title", sa.String(200)),
        sa.Column("rank", rank, nullable=False),
        sa.Column("visible", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("resume_id", "kind"),
    )
    op.create_table(
        "items",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _reference("resume_id", "resumes"),
        _reference("section_id", "sections"),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("rank", rank, nullable=False),
        sa.Column("visible", sa.Boolean(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
    )
    op.create_index("ix_items_resume_id_rank", "items", ["resume_id", "rank"])
    op.create_index("ix_items_section_id_rank", "items", ["section_id", "rank"])
    op.create_table(
        "versions",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _reference("resume_id", "resumes"),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200)),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        *_times("created_at"),
        sa.UniqueConstraint("resume_id", "sha256", "language", "title"),
        sa.UniqueConstraint("resume_id", "number"),
    )
    op.create_index("ix_versions_resume_id_id", "versions", ["resume_id", "id"])


def _create_catalogue() -> None:
    op.create_table(
        "templates",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("engine", sa.String(32), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("page_sizes", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        *_times("published_at"),
    )


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON()),
        sa.Column("error", sa.Text()),
        *_times("created_at", "updated_at"),
    )
    op.create_index("ix_jobs_owner_id_id", "jobs", ["owner_id", "id"])
    op.create_table(
        "exports",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        _reference("resume_id", "resumes", index=True),
        _reference("version_id", "versions", index=True),
        sa.Column("job_id", sa.Uuid(), sa.ForeignKey("jobs.id"), nullable=False, unique=True),
        sa.Column("format", sa.String(16), nullable=False),
        sa.Column("template", sa.String(64), nullable=False),
        sa.Column("template_version", sa.Integer(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("file_name", sa.String(255), nullable=False),
        sa.Column("notify", sa.Boolean(), nullable=False),
        sa.Column("bucket", sa.String(63)),
        sa.Column("key", sa.String(1024)),
        *_times("created_at"),
    )
    op.create_index("ix_exports_owner_id_id", "exports", ["owner_id", "id"])


def _reference(name: str, table: str, *, index: bool = False) -> sa.Column[sa.Uuid]:
    return sa.Column(
        name, sa.Uuid(), sa.ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=False, index=index
    )


def _times(*names: str) -> list[sa.Column[sa.DateTime]]:
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in names]


def _create_view(view: str, kind: str, fields: dict[str, str]) -> None:
    """A table of the seeds as a view over `items`: its plain fields as columns, the whole entry in `data`."""
    data = "data"
    if op.get_bind().dialect.name == "postgresql":
        # PostgreSQL has no text with a null character, so an entry that holds one shows its `data` alone.
        data = r"CASE WHEN position('\u0000' IN data) = 0 THEN CAST(data AS json) END"
    columns = "".join(f", {data} ->> '{field}' AS {column}" for field, column in fields.items())
    op.execute(
        f"CREATE VIEW {view} AS SELECT id, resume_id, section_id, rank, visible{columns}, data "  # noqa: S608
        f"FROM items WHERE kind = '{kind}'"
    )
