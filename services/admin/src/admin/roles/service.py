"""What each role of staff may do."""

from collections import defaultdict
from collections.abc import Iterable

from admin.roles import queries
from common.db import Database


class Roles:
    """The role tables in memory: read once at start, because only a migration changes them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._permissions: dict[str, frozenset[str]] = {}

    async def load(self) -> None:
        found = defaultdict(set)
        async with self._database.read() as db:
            for role, permission in await queries.all_permissions(db):
                found[role].add(permission)
        self._permissions = {role: frozenset(permissions) for role, permissions in found.items()}

    @property
    def names(self) -> frozenset[str]:
        """The roles that make somebody staff."""
        return frozenset(self._permissions)

    def permissions_of(self, roles: Iterable[str]) -> frozenset[str]:
        """What these roles may do together; roles that are not staff's add nothing."""
        return frozenset().union(*(self._permissions.get(role, frozenset()) for role in roles))
