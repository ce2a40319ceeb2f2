"""Files that people upload."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Filled in by its feature."""
