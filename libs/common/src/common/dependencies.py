"""What handlers ask for by name: `db: Db`, `read_db: ReadDb`, `user: CurrentUser`."""

from collections.abc import AsyncGenerator
from typing import Any

from litestar import Request
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation
from sqlalchemy.ext.asyncio import AsyncSession

from common.db import Database
from common.tokens import Principal

Db = NamedDependency[SkipValidation[AsyncSession]]
"""The request's transaction: committed before the response is sent, rolled back if the handler raises."""
ReadDb = NamedDependency[SkipValidation[AsyncSession]]
"""A read-only session."""
CurrentUser = NamedDependency[SkipValidation[Principal]]
"""Who is calling, as the guard of the route found out."""


async def _db(state: State) -> AsyncGenerator[AsyncSession, None]:
    database: Database = state.database
    async with database.write() as session:
        yield session


async def _read_db(state: State) -> AsyncGenerator[AsyncSession, None]:
    database: Database = state.database
    async with database.read() as session:
        yield session


def _user(request: Request[Any, Any, Any]) -> Principal:
    principal: Principal = request.auth
    return principal


PROVIDERS = {
    "db": Provide(_db),
    "read_db": Provide(_read_db),
    "user": Provide(_user, sync_to_thread=False),
}
