"""What goes out of the routes of staff."""

from uuid import UUID

from common.schemas import Schema


class MeRead(Schema):
    """The member of staff who asks."""

    id: UUID
    roles: list[str]
    permissions: list[str]
