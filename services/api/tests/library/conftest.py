from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, update

from api.contents.models import Item, Section
from api.resumes.models import Resume
from common.db import Database
from common.ids import now

JOB = {"name": "Analytical Engines", "position": "Programmer", "startDate": "1842"}


class Library:
    """The library of somebody, over HTTP."""

    PATH = "/api/v1/library/items"

    def __init__(self, client: httpx.AsyncClient, owner: dict[str, str]) -> None:
        self._client, self.owner = client, owner

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """`body` is a JSON value, or its text as bytes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"content": body} if isinstance(body, bytes) else {"json": body}
        return await self._client.request(method, path, headers=self.owner | named, **sent)

    async def made(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = await self.call(method, path, body, **headers)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def item(self, data: Any = JOB, kind: str = "work", **fields: Any) -> str:
        """A new library item; its path."""
        made = await self.made("POST", self.PATH, {"kind": kind, "data": data, **fields})
        return f"{self.PATH}/{made['id']}"

    async def change(self, path: str, data: Any) -> None:
        await self.made("PATCH", path, {"data": data})

    async def uses(self, path: str) -> dict[str, Any]:
        """The uses of a library item by their item."""
        return {use["itemId"]: use for use in (await self.made("GET", f"{path}/uses"))["items"]}

    async def propagate(self, path: str, **body: Any) -> dict[str, Any]:
        """What happened to each use, by its item."""
        answer = await self.made("POST", f"{path}/propagate", body)
        return {use["itemId"]: use for use in answer["uses"]}

    async def content(self, resume: str) -> Any:
        return await self.made("GET", f"{resume}/content")


@pytest.fixture
def library(client: httpx.AsyncClient, owner: dict[str, str]) -> Library:
    return Library(client, owner)


@pytest.fixture
def rows(database: Database) -> Callable[..., Awaitable[Any]]:
    """The rows of `table` that a resume has, in order."""

    async def rows(resume: str, table: Any = Item) -> Any:
        resume_id = UUID(resume.rsplit("/", 1)[1])
        async with database.read() as db:
            wanted = select(table).where(table.resume_id == resume_id).order_by(table.rank)
            return (await db.scalars(wanted)).all()

    return rows


@pytest.fixture
def use(library: Library, make_resume: Any, rows: Any) -> Callable[..., Awaitable[tuple[str, str]]]:
    """Uses a library item in a new resume: the path of the resume, and the id of its new item."""

    async def use(path: str, **fields: Any) -> tuple[str, str]:
        resume = await make_resume(content={"work": []})
        section = (await rows(resume, Section))[0].id
        body = {"libraryItemId": path.rsplit("/", 1)[1], **fields}
        made = await library.made("POST", f"{resume}/sections/{section}/library-items", body)
        return resume, str(made["id"])

    return use


@pytest.fixture
def lock(database: Database) -> Callable[[str], Awaitable[None]]:
    """Locks a resume against changes."""

    async def lock(resume: str) -> None:
        async with database.write() as db:
            resume_id = UUID(resume.rsplit("/", 1)[1])
            await db.execute(update(Resume).where(Resume.id == resume_id).values(locked_at=now()))

    return lock
