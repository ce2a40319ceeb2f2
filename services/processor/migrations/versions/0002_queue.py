"""The queue of jobs lives in the database: envelopes, turns, leases and times, in place of messages that wait.

What was queued or running goes on: its message comes again, and brings the envelope that its row lacks. The columns that
the release before writes (`message`, `claimed_at`, `job_queue.unique_key`) stay, so that its processes can end what they
are at during a rollout; a later revision drops them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_FINAL = "('succeeded', 'failed', 'cancelled')"


def upgrade() -> None:
    with op.batch_alter_table("job_queue") as table:
        table.add_column(sa.Column("pool", sa.String(32), nullable=False, server_default=""))
        table.add_column(sa.Column("priority", sa.SmallInteger(), nullable=False, server_default="1"))
        table.add_column(sa.Column("user_id", sa.Uuid()))
        table.add_column(sa.Column("turn", sa.BigInteger()))
        table.add_column(sa.Column("envelope", sa.LargeBinary()))
        table.add_column(sa.Column("due_at", sa.DateTime(timezone=True)))
        table.add_column(sa.Column("queued_at", sa.DateTime(timezone=True)))
        table.add_column(sa.Column("holder", sa.String(64)))
        table.add_column(sa.Column("lease_until", sa.Double()))
    with op.batch_alter_table("job_status") as table:
        table.add_column(sa.Column("priority", sa.SmallInteger(), nullable=False, server_default="1"))
        table.add_column(sa.Column("unique_key", sa.String(255)))
        table.add_column(sa.Column("run_at", sa.DateTime(timezone=True)))
        table.create_unique_constraint("uq_job_status_unique_key", ["unique_key"])
    _indexes()
    op.execute(
        "UPDATE job_status SET unique_key = (SELECT q.unique_key FROM job_queue q WHERE q.job_id = job_status.job_id)"
    )
    op.execute(
        f"DELETE FROM job_queue WHERE job_id IN (SELECT job_id FROM job_status WHERE state IN {_FINAL})"  # noqa: S608
    )


def _indexes() -> None:
    lane = ["pool", "priority", "turn"]
    _partial("ix_job_queue_waiting", [*lane, "job_id", "holder"], "turn IS NOT NULL AND holder IS NULL")
    _partial("ix_job_queue_user_id_turn", ["user_id", *lane], "turn IS NOT NULL")
    _partial("ix_job_queue_lease_until", ["lease_until"], "lease_until IS NOT NULL")
    _partial("ix_job_queue_due_at", ["due_at"], "due_at IS NOT NULL")
    op.create_index("ix_job_status_user_id_job_id", "job_status", ["user_id", "job_id"])
    op.create_index("ix_job_status_finished_at", "job_status", ["finished_at"])


def _partial(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "job_queue", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
