"""Who of staff has been here: known from their tokens, the moment they come."""

from uuid import UUID

from admin.audit.service import AuditTrail
from admin.staff import queries
from admin.staff.models import AdminUser
from common.db import Database
from common.ids import now
from common.tokens import Principal


class Staff:
    """Recognises staff by their tokens: each new session is a row's update and an entry in the audit log."""

    def __init__(self, database: Database, trail: AuditTrail) -> None:
        self._database, self._trail = database, trail
        self._known: dict[UUID, tuple[str, list[str]]] = {}

    async def recognise(self, principal: Principal) -> None:
        seen = (principal.session_id, sorted(principal.roles))
        if self._known.get(principal.id) == seen:
            return
        async with self._database.read() as db:
            user = await queries.find(db, user_id=principal.id)
        if user is None or (user.last_session_id, user.roles) != seen:
            await self._signed_in(principal, *seen)
        self._known[principal.id] = seen

    async def _signed_in(self, principal: Principal, session_id: str, roles: list[str]) -> None:
        async with self._database.write() as db:
            await self._trail.append(db, principal, "staff.signed_in", detail={"roles": roles})
            user = await queries.find(db, user_id=principal.id)
            if user is None:
                db.add(AdminUser(user_id=principal.id, roles=roles, last_session_id=session_id))
            else:
                user.roles, user.last_session_id, user.last_signed_in_at = roles, session_id, now()
