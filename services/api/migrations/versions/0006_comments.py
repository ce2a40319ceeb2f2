"""What reviewers say of a resume, and the edits that they suggest."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Filled in by its feature."""
