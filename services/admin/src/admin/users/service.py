"""Users, seen and changed through the SSO, which owns them. Whatever is seen or tried here is in the audit log."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import msgspec

from admin.audit.service import AuditTrail
from admin.roles.service import Roles
from admin.users.schemas import ImpersonationRequest
from common.contracts.users import (
    Impersonation,
    ImpersonationStart,
    UserChange,
    UserPage,
    UserRecord,
    UserStatus,
)
from common.http import ServiceClient, ServiceRefused
from common.problems import Forbidden, Problem, Unavailable, ValidationFailed
from common.tokens import Principal

MANAGE_STAFF = "staff.manage"
_ACTIONS: dict[UserStatus, str] = {"suspended": "user.suspended", "active": "user.restored"}


class UserNotFound(Problem):
    status, code, title = 404, "USER_NOT_FOUND", "There is no such user"


class CannotSuspendYourself(Problem):
    status, code, title = 409, "CANNOT_SUSPEND_YOURSELF", "You cannot suspend your own account"


class CannotImpersonate(Problem):
    status, code, title = 409, "IMPERSONATION_REFUSED", "Nobody may act in this account's place"


class Users:
    """The SSO's users, for staff."""

    def __init__(self, sso: ServiceClient, trail: AuditTrail, roles: Roles) -> None:
        self._sso, self._trail, self._roles = sso, trail, roles

    async def search(self, by: Principal, *, q: str | None, limit: int, cursor: str | None) -> UserPage:
        """A page of users. The entry names whom it showed, not the text that was searched for: that is personal."""
        given = {"q": q, "limit": limit, "cursor": cursor}
        params = {name: value for name, value in given.items() if value is not None}
        async with self._trail.recorded(by, "users.listed") as detail:
            detail["searched"] = q is not None
            with _refusals():
                page = await self._sso.get("/internal/users", UserPage, **params)
            detail["shown"] = [str(user.id) for user in page.items]
        return page

    async def view(self, by: Principal, user_id: UUID) -> UserRecord:
        async with self._trail.recorded(by, "user.viewed", target=_target(user_id)):
            return await self._find(user_id)

    async def set_status(self, by: Principal, user_id: UUID, status: UserStatus, *, reason: str) -> None:
        """Suspend or restore an account. Raises CannotSuspendYourself, UserNotFound, Forbidden for one of staff."""
        change = msgspec.json.encode(UserChange(status=status))
        async with self._trail.recorded(
            by, _ACTIONS[status], target=_target(user_id), reason=reason, announce=True
        ) as detail:
            if user_id == by.id and status == "suspended":
                raise CannotSuspendYourself
            await self._may_change(by, user_id)
            with _refusals():
                # (setting a status twice is setting it once, hence the key, which lets the client try again)
                key = f"audit.{detail['intent']}"
                await self._sso.send("PATCH", _path(user_id), change, idempotency_key=key)

    async def end_sessions(self, by: Principal, user_id: UUID, *, reason: str | None) -> None:
        """Sign a user out everywhere. Raises UserNotFound, Forbidden for one of staff."""
        async with self._trail.recorded(
            by, "user.sessions_ended", target=_target(user_id), reason=reason, announce=True
        ):
            if user_id != by.id:
                await self._may_change(by, user_id)
            with _refusals():
                await self._sso.send("DELETE", f"{_path(user_id)}/sessions")

    async def impersonate(self, by: Principal, user_id: UUID, *, data: ImpersonationRequest) -> Impersonation:
        """A token to act in a user's place. Raises UserNotFound, CannotImpersonate for one of staff."""
        wanted = ImpersonationStart(staff_id=by.id, reason=data.reason, minutes=data.minutes)
        async with self._trail.recorded(
            by, "user.impersonated", target=_target(user_id), reason=data.reason, announce=True
        ) as detail:
            with _refusals():
                answer = await self._sso.send(
                    "POST", f"{_path(user_id)}/impersonate", msgspec.json.encode(wanted)
                )
            given = msgspec.json.decode(answer, type=Impersonation)
            detail["session"] = str(given.session_id)
        return given

    async def _may_change(self, by: Principal, user_id: UUID) -> None:
        """Raise Forbidden unless `by` may change this account: nobody locks out those who stand above them."""
        user = await self._find(user_id)
        manages_staff = MANAGE_STAFF in self._roles.permissions_of(by.roles)
        if self._roles.names.intersection(user.roles) and not manages_staff:
            raise Forbidden(f"This user is of staff; the permission '{MANAGE_STAFF}' is missing.")

    async def _find(self, user_id: UUID) -> UserRecord:
        with _refusals():
            return await self._sso.get(_path(user_id), UserRecord)


def _path(user_id: UUID) -> str:
    return f"/internal/users/{user_id}"


def _target(user_id: UUID) -> str:
    return f"user:{user_id}"


@contextmanager
def _refusals() -> Iterator[None]:
    """What the SSO refuses, in our words."""
    try:
        yield
    except ServiceRefused as error:
        if error.status == 404:
            raise UserNotFound from error
        if error.status == 422:
            raise CannotImpersonate from error
        if error.status == 400:
            raise ValidationFailed("The search or the cursor is not valid.") from error
        raise Unavailable("The sso service did not do what it was asked.") from error
