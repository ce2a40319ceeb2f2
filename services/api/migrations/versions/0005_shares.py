"""Links that show a resume to others, and how often they were opened."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Filled in by its feature."""
