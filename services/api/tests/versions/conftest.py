from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update

from api.resumes.models import Resume
from api.versions.models import Version
from common.db import Database
from common.ids import now

Rest = Callable[[str, timedelta], Awaitable[None]]
Versions = Callable[[str], Awaitable[list[dict[str, Any]]]]


@pytest.fixture
def rest(database: Database) -> Rest:
    """Lets time pass for the resume at a path: all that happened to it was so much longer ago."""

    async def passed(path: str, time: timedelta) -> None:
        async with database.write() as db:
            resume = await db.get_one(Resume, UUID(path.rsplit("/", 1)[1]))
            for name in ("created_at", "updated_at", "frozen_at"):
                at = getattr(resume, name)
                setattr(resume, name, None if at is None else at - time)

    return passed


@pytest.fixture
def versions(client: httpx.AsyncClient, owner: dict[str, str]) -> Versions:
    """The versions of the resume at a path, oldest first, with their contents."""

    async def found(path: str) -> list[dict[str, Any]]:
        page = (await client.get(f"{path}/versions", params={"limit": 100}, headers=owner)).json()
        return [
            (await client.get(f"/api/v1/versions/{version['id']}", headers=owner)).json()
            for version in reversed(page["items"])
        ]

    return found


@pytest.fixture
def bare(database: Database) -> Callable[[str], Awaitable[None]]:
    """Takes from a version what those of the first release did not have."""

    async def taken(version_id: str) -> None:
        async with database.write() as db:
            await db.execute(update(Version).where(Version.id == UUID(version_id)).values(layout="{}"))

    return taken


@pytest.fixture
def lock(database: Database) -> Callable[[str], Awaitable[None]]:
    async def locked(path: str) -> None:
        async with database.write() as db:
            resume = await db.get_one(Resume, UUID(path.rsplit("/", 1)[1]))
            resume.locked_at = now()

    return locked
