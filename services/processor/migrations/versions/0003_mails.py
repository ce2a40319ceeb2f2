"""What becomes of every mail, and who gets none.

The log of before held SHA-256 of addresses, which whoever has a list of leaked ones can undo. They are forgotten; the
new hashes are made under a key, which is not in the database. The table stays, empty: a processor of the release before
may still run beside this one, and would send a mail again that it cannot note.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "mail_log",
        sa.Column("job_id", sa.Uuid(), primary_key=True),
        sa.Column("template", sa.String(64), nullable=False),
        sa.Column("category", sa.String(16), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("recipient", sa.String(64), nullable=False),
        sa.Column("message_id", sa.String(255), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(80), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
    )
    op.create_index("ix_mail_log_recipient_at", "mail_log", ["recipient", "at"])
    op.execute(
        "INSERT INTO mail_log (job_id, template, category, language, recipient, message_id, outcome, reason, attempts, at)"
        " SELECT job_id, template, '', '', '', message_id, 'sent', '', 1, sent_at FROM email_log"
    )
    op.execute("DELETE FROM email_log")
    op.create_table(
        "mail_suppressions",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("recipient", sa.String(64), nullable=False),
        sa.Column("category", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("recipient", "category"),
    )
