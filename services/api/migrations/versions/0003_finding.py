"""Finding resumes: the index of what they say, and the orders that lists come in."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Filled in by its feature."""
