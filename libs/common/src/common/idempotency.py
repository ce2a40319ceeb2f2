"""`Idempotency-Key` on POSTs that create work: the same request again gives the first response again.

The response is stored in the transaction that did the work, so there is never one without the other. A request that
fails stores nothing.

Of requests that come at once with one key, to whichever replica, one does the work. On SQLite the others wait for its
transaction and then see its response; on PostgreSQL, where transactions run side by side, they are refused for now.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Request, Response
from sqlalchemy import LargeBinary, PrimaryKeyConstraint, String, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import now
from common.problems import Problem, ValidationFailed

KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 255
_LONGEST_ROUTE = 200


class IdempotencyKeyReused(Problem):
    status, code, title = 422, "IDEMPOTENCY_KEY_REUSED", "This Idempotency-Key came with another request"


class RequestInProgress(Problem):
    status, code, title = (
        409,
        "REQUEST_IN_PROGRESS",
        "The first request with this Idempotency-Key is still running",
    )


class StoredResponse(Base):
    """The first response to a request with a key."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (PrimaryKeyConstraint("user_id", "route", "key"),)

    user_id: Mapped[UUID]
    route: Mapped[str] = mapped_column(String(_LONGEST_ROUTE))
    key: Mapped[str] = mapped_column(String(LONGEST_KEY))
    body_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int]
    response: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)


async def once(
    db: AsyncSession,
    request: Request[Any, Any, Any],
    make: Callable[[], Awaitable[Any]],
    *,
    status: int,
    body: bytes | None = None,
) -> Response[bytes]:
    """`await make()` as a response of `status`; or, if this key was seen, what it gave the first time.

    `body` is what is compared of two requests instead of the bytes they came as, which of forms differ with each try.
    Raises IdempotencyKeyReused if the key came with another body, RequestInProgress while the first one runs.
    """
    key = request.headers.get("idempotency-key")
    if key is None:
        return _respond(msgspec.json.encode(await make()), status)
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        raise ValidationFailed(f"Idempotency-Key must have 1 to {LONGEST_KEY} printable characters.")
    route, sha256 = _route(request), hashlib.sha256(await request.body() if body is None else body).digest()
    await _be_alone(db, f"{request.auth.id} {route} {key}")
    await forget_expired(db, at=now())
    known = await db.get(StoredResponse, (request.auth.id, route, key))
    if known is not None:
        return _replay(known, sha256)
    content = msgspec.json.encode(await make())
    db.add(
        StoredResponse(
            user_id=request.auth.id, route=route, key=key, body_sha256=sha256, status=status, response=content
        )
    )
    return _respond(content, status)


async def forget_expired(db: AsyncSession, *, at: datetime) -> int:
    """Delete responses that are kept no longer at `at`; how many."""
    gone = await db.execute(
        delete(StoredResponse)
        .where(StoredResponse.created_at < at - KEPT_FOR)
        .returning(StoredResponse.key)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def _route(request: Request[Any, Any, Any]) -> str:
    """The method and the path itself, not its template: what is made in one resource is no answer for another."""
    route = f"{request.method} {quote(request.scope['path'])}"
    return route if len(route) <= _LONGEST_ROUTE else hashlib.sha256(route.encode()).hexdigest()


async def _be_alone(db: AsyncSession, name: str) -> None:
    """Hold `name` until the transaction ends. Raises RequestInProgress if another transaction does.

    On SQLite there is nothing to do: there is one writer at a time.
    """
    if db.get_bind().dialect.name == "postgresql":
        lock = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        if not await db.scalar(select(func.pg_try_advisory_xact_lock(lock))):
            raise RequestInProgress


def _replay(known: StoredResponse, sha256: bytes) -> Response[bytes]:
    if known.body_sha256 != sha256:
        raise IdempotencyKeyReused
    return _respond(known.response, known.status, {"Idempotent-Replayed": "true"})


def _respond(content: bytes, status: int, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(content, status_code=status, media_type="application/json", headers=headers)
