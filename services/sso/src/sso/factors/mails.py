"""The mails by which an owner learns of what happened to the second factors of the account."""

from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.jobs import EmailJob
from common.ids import new_id
from common.jobs import enqueue
from sso.users.models import User

Factor = Literal["totp", "passkey", "recovery-codes"]


def tell_added(db: AsyncSession, user: User, factor: Factor, *, public_url: str) -> None:
    _tell(db, user, "factor-added", factor, public_url)


def tell_removed(db: AsyncSession, user: User, factor: Factor, *, public_url: str) -> None:
    _tell(db, user, "factor-removed", factor, public_url)


def tell_failed(db: AsyncSession, user: User, *, public_url: str) -> None:
    """Several codes were wrong. Whoever it was had got past the password, so the link leads to a new one."""
    _send(db, user, "second-factor-failed", {"link": f"{public_url}/auth/ui/reset"})


def _tell(db: AsyncSession, user: User, template: str, factor: Factor, public_url: str) -> None:
    _send(db, user, template, {"factor": factor, "link": f"{public_url}/auth/ui/security"})


def _send(db: AsyncSession, user: User, template: str, data: dict[str, str]) -> None:
    data = {"name": user.name, **data}
    mail = EmailJob(template=template, to=user.email, locale=user.locale, data=data)
    enqueue(
        db,
        mail,
        kind=EmailJob.KIND,
        user_id=user.id,
        priority="interactive",
        unique_key=f"{template}.{new_id()}",
    )
